/** What is said to a person: a string is one line, whatever stands in it; of a list, each item is one. */
export type Words = string | readonly string[];

/**
 * What a line of ours may not hold, whoever wrote a part of it:
 *
 * - what ends a line, steers a terminal, turns text around or is not seen;
 * - what a pipeline takes for a command: `::` where GitHub's line begins, and anywhere in it `##[` and Azure's `##vso[`
 *   (`ActionCommand.cs` of actions/runner, `Command.cs` of azure-pipelines-agent);
 * - what Pulumi takes for a colour, `<{%…%}>`: at one that it does not know it panics (`colors.go` of its SDK).
 */
const UNFIT =
	/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]|:(?=:)(?<=^\s*:)|#(?=#\w*\[)|<(?=\{%)|>(?<=%\}>)/gu;

/**
 * Words as a terminal and the log of a pipeline may show them, although a name server, the API, AWS or somebody behind
 * them has written a part of each line.
 *
 * The escapes are JSON's and JavaScript's (`\u001b`): a line of either still means the same. To show twice what is shown
 * changes nothing.
 */
export const shown = (words: Words): string =>
	[words]
		.flat()
		.map((line) => line.replace(UNFIT, escaped))
		.join("\n");

const escaped = (text: string) =>
	text.replace(/./gs, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
