/**
 * Seeds of lives that end badly without what has been mended since, and what they found. A change of what lives are drawn
 * from gives the seeds other lives: find new ones then, by taking the mends out.
 */
export const regressions: readonly (readonly [seed: number, found: string])[] = [
	[1413, "records are taken down in use, because something else than the API says that it has no use cases"],
	[
		3479,
		"a resource that goes takes down the MX and the policy of its domain's other setup, which are the same",
	],
];
