import type { Clock } from "./clock.js";

/** Something did not happen in time. */
export class DeadlineError extends Error {
	override readonly name = "DeadlineError";
	/** @param what Completes "Waited … for". */
	constructor(what: string, ms: number) {
		super(`Waited ${formatDuration(ms)} for ${what}, in vain.`);
	}
}

/** A signal that aborts with this error at the deadline, or with the outer signal's reason before. */
export function deadlineSignal(
	clock: Clock,
	ms: number,
	outer: AbortSignal,
	error: () => Error,
): { signal: AbortSignal } & Disposable {
	const controller = new AbortController();
	const over = new AbortController();
	const forward = () => controller.abort(outer.reason);
	if (outer.aborted) forward();
	else outer.addEventListener("abort", forward, { once: true });
	clock.sleep(ms, over.signal).then(
		() => controller.abort(error()),
		() => {},
	);
	return {
		signal: controller.signal,
		[Symbol.dispose]() {
			outer.removeEventListener("abort", forward);
			over.abort();
		},
	};
}

const units = { h: 3_600_000, m: 60_000, s: 1_000 } as const;

/** `"1h30m"`, `"20m"`, `"90s"` in milliseconds; undefined for anything else. */
export function parseDuration(text: string): number | undefined {
	const match = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?$/.exec(text.trim());
	if (!match || text.trim() === "") return undefined;
	const [, h, m, s] = match;
	return Number(h ?? 0) * units.h + Number(m ?? 0) * units.m + Number(s ?? 0) * units.s;
}

/** `5400000` → `1h30m`; less than a second is `0s`. */
export function formatDuration(ms: number): string {
	let rest = Math.round(ms / 1000) * 1000;
	const parts: string[] = [];
	for (const [unit, size] of Object.entries(units)) {
		const count = Math.floor(rest / size);
		if (count > 0) parts.push(`${count}${unit}`);
		rest -= count * size;
	}
	return parts.slice(0, 2).join("") || "0s";
}
