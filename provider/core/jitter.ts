/** Half of a pause for certain, the rest at random, so that those who wait together do not return together. */
export const jittered = (ms: number, random: () => number): number => ms * (0.5 + 0.5 * random());
