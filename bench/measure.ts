type Figures = Record<string, number>;

export async function milliseconds(work: () => Promise<unknown>): Promise<number> {
	const began = performance.now();
	await work();
	return performance.now() - began;
}

const median = (values: number[]) =>
	values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/** Medians of both, and the median of the ratios pair by pair: a machine whose speed drifts disturbs them least. */
export function ratios(pairs: readonly (readonly [Figures, Figures])[]): Record<string, object> {
	const names = Object.keys(pairs[0]?.[0] ?? {});
	return Object.fromEntries(
		names.map((name) => {
			const [ours, floor] = [0, 1].map((side) =>
				pairs.map((pair) => pair[side as 0 | 1][name] ?? Number.NaN),
			);
			const each = pairs.map(([a, b]) => (a[name] ?? Number.NaN) / (b[name] ?? Number.NaN));
			return [
				name,
				{
					"ours, ms": Math.round(median(ours ?? [])),
					"floor, ms": Math.round(median(floor ?? [])),
					ratio: Number(median(each).toFixed(2)),
				},
			];
		}),
	);
}
