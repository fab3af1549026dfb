import fc from "fast-check";

export const whole = process.env.CHANNELS_MATRIX === "whole";
const seed = Number(process.env.CHANNELS_MATRIX_SEED ?? 1);

/**
 * All cases in `npm run test:matrix`; otherwise so many, chosen by a seed, beside those that are always run. Says how many there are.
 */
export function sampled<Case extends { readonly name: string; readonly always?: boolean }>(
	what: string,
	cases: readonly Case[],
	size: number,
): readonly Case[] {
	if (whole) {
		console.log(`${cases.length} ${what}`);
		return cases;
	}
	const always = cases.filter((each) => each.always);
	const others = cases.filter((each) => !each.always);
	const count = Math.min(size, others.length);
	const subarray = fc.shuffledSubarray(others, { minLength: count, maxLength: count });
	const [chosen = []] = fc.sample(subarray, { seed, numRuns: 1 });
	console.log(
		`${always.length + count} of ${cases.length} ${what}, chosen by CHANNELS_MATRIX_SEED=${seed}; ` +
			"`npm run test:matrix` runs them all.",
	);
	return [...always, ...chosen];
}

/** For the test of a case that has failed. */
export function showReplay(name: string): void {
	console.error(`To run it alone: npm run test:matrix -- -t "${name}"`);
}
