/** A fenced block of a Markdown text. */
export interface CodeBlock {
	/** What stands behind the fence, such as `ts`. */
	readonly language: string;
	readonly code: string;
	/** Of the opening fence, from 1. */
	readonly line: number;
}

/** @throws Error for a fence that is never closed. */
export function codeBlocks(markdown: string): CodeBlock[] {
	const blocks: CodeBlock[] = [];
	let open: { language: string; line: number; code: string[] } | undefined;
	for (const [index, text] of markdown.split("\n").entries()) {
		const [, language] = /^\s*```(.*)$/.exec(text) ?? [];
		if (language === undefined) {
			open?.code.push(text);
		} else if (open === undefined) {
			open = { language: language.trim(), line: index + 1, code: [] };
		} else {
			blocks.push({ ...open, code: open.code.join("\n") });
			open = undefined;
		}
	}
	if (open) throw new Error(`the fence of line ${open.line} is never closed`);
	return blocks;
}

/** All but the fenced blocks. */
export const proseOf = (markdown: string) => markdown.replaceAll(/^\s*```[\s\S]*?^\s*```$/gm, "");

/** The texts between single backticks, outside of fenced blocks. */
export function codeSpans(markdown: string): string[] {
	return [...proseOf(markdown).matchAll(/`([^`\n]+)`/g)].map(([, code = ""]) => code);
}

/** The first cells of a table's rows, without backticks; of each table whose header begins with `header`. */
export function firstCells(markdown: string, header: string): string[][] {
	return markdown
		.split(/\n(?!\|)/)
		.map((paragraph) => paragraph.split("\n").filter((line) => line.startsWith("|")))
		.filter(([head]) => head?.startsWith(`| ${header} |`))
		.map((rows) => rows.slice(2).map((row) => (row.split("|")[1] ?? "").replaceAll("`", "").trim()));
}
