/** Half of a pause for certain, the rest at random, so that those who wait together do not return together. */
export const jittered = (ms: number, random: () => number): number => ms * (0.5 + 0.5 * random());

/** A pause a fifth shorter or longer, for what is repeated at a pace. */
export const about = (ms: number, random: () => number): number => ms * (0.8 + 0.4 * random());

const firstPauseMs = 500;
const longestPauseMs = 20_000;

/** The pause before the n-th repetition of a call, counted from 0. In milliseconds. */
export const pauseBefore = (repetition: number, random: () => number): number =>
	jittered(Math.min(firstPauseMs * 2 ** repetition, longestPauseMs), random);
