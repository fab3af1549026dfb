/** The one table at the end: every bench adds its rows, and the last one to leave prints them. */
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";

export interface Row {
	what: string;
	/** Seconds. */
	ours: number;
	/** Seconds of what it stands against, in the same run. */
	floor: number;
	/** What that is. */
	against: string;
	/** Ours ÷ floor; of the medians, or the median of pairs where rounds were paired. */
	ratio?: number;
	/** Calls of Route 53, ours and the floor's. */
	calls?: readonly [ours: number, floor?: number];
	/** Whatever else was measured. */
	more?: string;
}

declare module "vitest" {
	export interface ProvidedContext {
		rows: string;
	}
}

/** Adds a row, by the file that {@link setup} has provided. */
export function addRow(file: string, row: Row): void {
	appendFileSync(file, `${JSON.stringify(row)}\n`);
}

const seconds = (value: number) => Number(value.toFixed(value < 10 ? 2 : 1));

/** Vitest's global setup. */
export function setup({ provide }: TestProject): () => void {
	const folder = mkdtempSync(join(tmpdir(), "channels-bench-"));
	const file = join(folder, "rows");
	provide("rows", file);
	return () => {
		const lines = existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
		rmSync(folder, { recursive: true });
		console.table(
			Object.fromEntries(
				lines.map((line) => {
					const {
						what,
						ours,
						floor,
						against,
						ratio = ours / floor,
						calls,
						more = "",
					} = JSON.parse(line) as Row;
					return [
						what,
						{
							"ours, s": seconds(ours),
							"floor, s": seconds(floor),
							ratio: Number(ratio.toFixed(2)),
							"the floor": against,
							"Route 53 calls": calls ? calls.filter((each) => each !== undefined).join(" : ") : "",
							more,
						},
					];
				}),
			),
		);
	};
}
