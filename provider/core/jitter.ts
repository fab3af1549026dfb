/** Half of a pause for certain, the rest at random, so that those who wait together do not return together. */
export const jittered = (ms: number, random: () => number): number => ms * (0.5 + 0.5 * random());

/** A pause a fifth shorter or longer, for what is repeated at a pace. */
export const about = (ms: number, random: () => number): number => ms * (0.8 + 0.4 * random());
