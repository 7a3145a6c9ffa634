// Which comments somebody has seen: a set of numbers as the runs that it is made of. The same as comments/seen.py.
export const MOST = 1000; // runs; of more, the oldest melt into one

// Runs are [first, last], ascending and apart from each other.
export const join = (...sets) => {
  const joined = [];
  for (const [first, last] of sets.flat().sort((a, b) => a[0] - b[0])) {
    const before = joined.at(-1);
    if (before && first <= before[1] + 1) before[1] = Math.max(before[1], last);
    else joined.push([first, last]);
  }
  const tooMany = joined.length - MOST;
  if (tooMany > 0) joined.splice(0, tooMany + 1, [joined[0][0], joined[tooMany][1]]);
  return joined;
};

export const of = (numbers) => join(numbers.map((number) => [number, number]));

export const has = (set, from, to = from) => set.some(([first, last]) => first <= from && to <= last);

// What has to be added to the other for both together: runs that are all there are left out.
export const without = (set, other) => set.filter((run) => !has(other, ...run));

// Each run by its distance from the one before and by how many follow its first, to the base of 36.
export const write = (set) => {
  let before = 0;
  return set
    .map(([first, last]) => {
      const more = last > first ? `-${(last - first).toString(36)}` : "";
      const run = `${(first - before).toString(36)}${more}`;
      before = last;
      return run;
    })
    .join(",");
};

// What `write` wrote; an error for anything else.
export const read = (text) => {
  if (!/^(?:[0-9a-z]{1,11}(?:-[0-9a-z]{1,11})?(?:,(?!$)|$))*$/.test(text)) throw new Error("no set of comments");
  let last = 0;
  const runs = (text ? text.split(",") : []).map((run) => {
    const [step, more = "0"] = run.split("-");
    const first = last + parseInt(step, 36);
    last = first + parseInt(more, 36);
    return [first, last];
  });
  return join(runs);
};
