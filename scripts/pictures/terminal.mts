// Runs a command on a terminal and draws what stands on its screen at the end, as an SVG.
import { spawn } from "node:child_process";
import xterm from "@xterm/headless";

const columns = 110;
const rows = 200;

export interface Drawn {
	/** The lines on the screen, without colours. */
	readonly text: string;
	readonly svg: string;
}

/** @param shown the command as a reader would type it; it stands above what it prints. */
export async function onTerminal(
	command: readonly string[],
	{ cwd, env, shown }: { cwd: string; env: NodeJS.ProcessEnv; shown: string },
): Promise<Drawn> {
	const terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true, convertEol: true });
	const quoted = command.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
	// `script` has a terminal of no size where it has none itself.
	const inner = `stty cols ${columns} rows ${rows}; exec ${quoted}`;
	const child = spawn("script", ["-qec", inner, "/dev/null"], {
		cwd,
		env: { ...env, TERM: "xterm-256color", FORCE_COLOR: "1" },
		stdio: ["ignore", "pipe", "inherit"],
	});
	const ended = new Promise<void>((resolve, reject) => child.once("error", reject).once("close", resolve));
	const write = (bytes: Uint8Array | string) =>
		new Promise<void>((resolve) => terminal.write(bytes, resolve));
	await write(`\x1b[1m$ ${shown}\x1b[0m\n`);
	for await (const bytes of child.stdout) await write(bytes);
	await ended;
	const lines = linesOf(terminal);
	terminal.dispose();
	return {
		text: lines.map((line) => line.map(({ text }) => text).join("")).join("\n"),
		svg: draw(lines, shown),
	};
}

/** Neighbouring characters of one look. */
interface Run {
	column: number;
	text: string;
	readonly colour: string | undefined;
	readonly isBold: boolean;
	readonly isDim: boolean;
}

function linesOf(terminal: InstanceType<typeof xterm.Terminal>): Run[][] {
	const { active } = terminal.buffer;
	const lines = Array.from({ length: active.length }, (_, y) => {
		const runs: Run[] = [];
		const line = active.getLine(y);
		for (let x = 0; line && x < columns; x++) {
			const cell = line.getCell(x);
			if (!cell || cell.getWidth() === 0) continue;
			const look = {
				colour: cell.isFgPalette() ? palette[cell.getFgColor()] : undefined,
				isBold: cell.isBold() !== 0,
				isDim: cell.isDim() !== 0,
			};
			const text = cell.getChars() || " ";
			const last = runs.at(-1);
			if (last && last.colour === look.colour && last.isBold === look.isBold && last.isDim === look.isDim)
				last.text += text;
			else runs.push({ column: x, text, ...look });
		}
		return runs;
	});
	const isEmpty = (line: Run[]) => line.every(({ text }) => text.trim() === "");
	while (lines.length > 0 && isEmpty(lines.at(-1) ?? [])) lines.pop();
	return lines;
}

/** The sixteen colours of a terminal on the dark ground below. */
const palette: Record<number, string> = {
	0: "#6e7681",
	1: "#ff7b72",
	2: "#7ee787",
	3: "#e3b341",
	4: "#79c0ff",
	5: "#d2a8ff",
	6: "#76e3ea",
	7: "#e6edf3",
	8: "#8b949e",
	9: "#ffa198",
	10: "#a5f3ab",
	11: "#f2cc60",
	12: "#a5d6ff",
	13: "#e2c5ff",
	14: "#b3f0f5",
	15: "#ffffff",
};

const size = { character: 7.83, line: 18, padding: 16, font: 13 };

function draw(lines: readonly Run[][], title: string): string {
	const longest = Math.max(
		...lines.map(
			(line) =>
				line
					.map(({ text }) => text)
					.join("")
					.trimEnd().length,
		),
	);
	const width = Math.ceil(longest * size.character + 2 * size.padding);
	const height = lines.length * size.line + 2 * size.padding;
	const texts = lines.flatMap((line, y) =>
		line
			.filter(({ text }) => text.trim() !== "")
			.map(({ column, text, colour, isBold, isDim }) => {
				const attributes = [
					`x="${(size.padding + column * size.character).toFixed(1)}"`,
					`y="${size.padding + (y + 0.75) * size.line}"`,
					...(colour ? [`fill="${colour}"`] : []),
					...(isBold ? ['font-weight="bold"'] : []),
					...(isDim ? ['opacity="0.7"'] : []),
					// Fonts differ in width; the columns must not.
					`textLength="${(text.trimEnd().length * size.character).toFixed(1)}"`,
				];
				return `<text ${attributes.join(" ")}>${escaped(text.trimEnd())}</text>`;
			}),
	);
	return [
		`<svg xmlns="http://www.w3.org/2000/svg" role="img" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
		`<title>${escaped(title)}</title>`,
		`<rect width="100%" height="100%" rx="8" fill="#0d1117"/>`,
		`<g font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace" font-size="${size.font}" fill="#e6edf3" xml:space="preserve">`,
		...texts,
		"</g>",
		"</svg>",
		"",
	].join("\n");
}

const escaped = (text: string) =>
	text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
