import { readFile } from "node:fs/promises";
import type { EngineEvent, OpType } from "@pulumi/pulumi/automation";

/** One resource the engine handled in a run. */
export interface Step {
	readonly op: OpType;
	readonly urn: string;
	/** The resource's name and type, as in its URN. */
	readonly name: string;
	readonly type: string;
}

/** The events of an `--event-log` file; none where the run ended before there was one. */
export async function readEvents(file: string): Promise<EngineEvent[]> {
	const text = await readFile(file, "utf8").catch(() => "");
	return text
		.split("\n")
		.filter((line) => line !== "")
		.flatMap((line) => {
			try {
				return [JSON.parse(line) as EngineEvent];
			} catch {
				// A killed CLI leaves half a line behind.
				return [];
			}
		});
}

/** Each resource with what was done to it (in a preview: would be), in the engine's order. */
export function stepsOf(events: readonly EngineEvent[]): Step[] {
	return events.flatMap(({ resourcePreEvent }) => {
		if (resourcePreEvent === undefined) return [];
		const { op, urn, type } = resourcePreEvent.metadata;
		return [{ op, urn, type, name: urn.slice(urn.lastIndexOf("::") + 2) }];
	});
}

/**
 * The steps that change something: `[]` after an `up` that had nothing to do. Default providers are left
 * out: the engine updates them whenever the stack's configuration changes.
 */
export function changesOf(steps: readonly Step[]): Step[] {
	return steps.filter(
		({ op, urn }) =>
			op !== "same" && op !== "refresh" && op !== "read" && !/pulumi:providers:[^:]+::default/.test(urn),
	);
}
