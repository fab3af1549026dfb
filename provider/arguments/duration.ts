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
