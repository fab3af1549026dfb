import { readdirSync, readFileSync } from "node:fs";

const lookMs = 200;

/**
 * Looks at the processes whose command line has this text, from now on.
 * @returns `end` tells the most that one of them ever held, in megabytes; NaN where there is no /proc to tell it.
 */
export function peakMemory(text: string): { end(): number } {
	let most = Number.NaN;
	const timer = setInterval(() => {
		for (const pid of processes()) {
			try {
				if (!readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(text)) continue;
				const [, kilobytes] = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
				if (kilobytes !== undefined) most = Math.max(Number.isNaN(most) ? 0 : most, Number(kilobytes) / 1024);
			} catch {
				// It has ended since.
			}
		}
	}, lookMs);
	return {
		end() {
			clearInterval(timer);
			return Math.round(most);
		},
	};
}

function processes(): string[] {
	try {
		return readdirSync("/proc").filter((name) => /^\d+$/.test(name));
	} catch {
		return [];
	}
}
