/**
 * Does work for all of these together. Where it is refused, it is done for each half on its own, so that nobody fails
 * for a neighbour.
 *
 * @param failed told of those for whom it failed, alone or for another reason than a refusal.
 */
export async function inHalves<Item>(
	items: readonly Item[],
	work: (items: readonly Item[]) => Promise<void>,
	isRefusal: (error: unknown) => boolean,
	failed: (items: readonly Item[], error: unknown) => Promise<void> | void,
): Promise<void> {
	try {
		await work(items);
	} catch (error) {
		if (items.length < 2 || !isRefusal(error)) return failed(items, error);
		const middle = Math.ceil(items.length / 2);
		await inHalves(items.slice(0, middle), work, isRefusal, failed);
		await inHalves(items.slice(middle), work, isRefusal, failed);
	}
}
