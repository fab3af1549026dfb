/**
 * Which command runs a test. `npm test`: those without `all`, and those with `witness`. `npm run test:all`: the others.
 * A whole file has a tag by `@module-tag` in its first comment.
 */
export const tags = [
	{
		name: "all",
		description:
			"Left to `npm run test:all`: it runs the real CLI or another slow tool, waits for real deadlines, or needs a PostgreSQL.",
	},
	{ name: "witness", description: "The one test of a subject on the real CLI that `npm test` runs." },
];
