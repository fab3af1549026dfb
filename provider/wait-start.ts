/**
 * When the waits of a program may begin. A wait holds a slot of the engine for as long as DNS takes, and the engine
 * works in the order in which it is asked: what is to be published and comes after the waits has to wait for them.
 */
import * as pulumi from "@pulumi/pulumi";

/**
 * A setup may itself come after somebody's verification, and is not made before it. So once nothing has been made for
 * some time the waits begin: three times the longest pause so far, within these bounds.
 */
const quietMs = { least: 500, most: 5_000 };

const making = new Set<pulumi.Resource>();
let waiting: (() => void)[] = [];
let quiet: NodeJS.Timeout | undefined;
let lastAt: number | undefined;
let longestPauseMs = 0;

/** Counts a setup, or its records, until the engine has made it. */
export function beginsMaking(resource: pulumi.CustomResource): void {
	if (pulumi.runtime.isDryRun()) return;
	making.add(resource);
	resource.urn.apply(() => {
		making.delete(resource);
		const now = performance.now();
		longestPauseMs = Math.max(longestPauseMs, now - (lastAt ?? now));
		lastAt = now;
		moved();
	});
}

/** The same output, once all that was begun so far is made, or nothing has been for a while. */
export function onceMade<T>(output: pulumi.Output<T>): pulumi.Output<T> {
	if (pulumi.runtime.isDryRun()) return output;
	return output.apply(async (value) => {
		await new Promise<void>((resolve) => {
			waiting.push(resolve);
			moved();
		});
		return value;
	}) as pulumi.Output<T>;
}

function moved(): void {
	clearTimeout(quiet);
	if (waiting.length === 0) return;
	const quietFor = Math.min(Math.max(3 * longestPauseMs, quietMs.least), quietMs.most);
	quiet = setTimeout(go, making.size === 0 ? 0 : quietFor);
}

function go(): void {
	const all = waiting;
	waiting = [];
	for (const resolve of all) resolve();
}
