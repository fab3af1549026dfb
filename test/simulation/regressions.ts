/** Seeds of lives that have ended badly, and what they found. */
export const regressions: readonly (readonly [seed: number, found: string])[] = [
	[
		1861,
		"one of two resources of a setup goes while the other is replaced: its records took down the MX and the policy of the new setup, which are the same",
	],
];
