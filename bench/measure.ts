import type { Project } from "../test/support/project.js";

/** A thousand setups, or a wait for INSYNC in every slot, take longer than a command of the tests may. */
export const patient = { deadlineMs: 3_600_000 };

type Figures = Record<string, number>;

export async function milliseconds(work: () => Promise<unknown>): Promise<number> {
	const began = performance.now();
	await work();
	return performance.now() - began;
}

/**
 * Seconds of a life: made, looked at again, taken down.
 * @param onMade called once it is made
 */
export async function life(
	project: Project,
	onMade = () => {},
): Promise<{ up: number; unchanged: number; destroy: number }> {
	const seconds = async (work: () => Promise<unknown>) => (await milliseconds(work)) / 1000;
	const up = await seconds(() => project.up(patient));
	onMade();
	return {
		up,
		unchanged: await seconds(() => project.up(patient)),
		destroy: await seconds(() => project.destroy(patient)),
	};
}

const median = (values: number[]) =>
	values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/** Medians of both, and the median of the ratios pair by pair: a machine whose speed drifts disturbs them least. */
export function ratios(
	pairs: readonly (readonly [Figures, Figures])[],
): Record<string, { ours: number; floor: number; ratio: number }> {
	const names = Object.keys(pairs[0]?.[0] ?? {});
	return Object.fromEntries(
		names.map((name) => {
			const side = (which: 0 | 1) => pairs.map((pair) => pair[which][name] ?? Number.NaN);
			const each = side(0).map((ours, round) => ours / (side(1)[round] ?? Number.NaN));
			return [name, { ours: median(side(0)), floor: median(side(1)), ratio: median(each) }];
		}),
	);
}
