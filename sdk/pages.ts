import type { Caller, CallOptions, ChannelsAnswer, Operation } from "./call.js";
import type { Reading } from "./reading.js";

/** A page of a list; one that does not say whether there is more is the last. */
export interface Page<Item> {
	items: Item[];
	has_more?: boolean;
	continuation_token?: number | null;
}

/** More than any list has. */
const MAX_PAGES = 10_000;

/**
 * Reads a list page by page, as it is consumed. `timeoutMs` holds for each page.
 * @throws UnexpectedAnswerError where a page says there is more without saying where, leads in a circle, or is the
 * 10,000th and not the last
 */
export async function* readPages<P extends Page<unknown>>(
	call: Caller,
	operation: Operation<P>,
	options: CallOptions,
): AsyncGenerator<ChannelsAnswer<P>, void, void> {
	const seen = new Set<number>();
	let query = operation.query ?? {};
	for (;;) {
		const read: typeof operation.read = (raw) => leadingOn(operation.read(raw), seen);
		const answer = await call({ ...operation, query, read }, options);
		yield answer;
		const token = answer.data.has_more ? answer.data.continuation_token : undefined;
		if (token === undefined || token === null) return;
		seen.add(token);
		query = { ...operation.query, continuation_token: String(token) };
	}
}

function leadingOn<P extends Page<unknown>>(reading: Reading<P>, seen: ReadonlySet<number>): Reading<P> {
	if ("problem" in reading || !reading.value.has_more) return reading;
	const token = reading.value.continuation_token ?? undefined;
	const field = "continuation_token";
	if (token === undefined) return { problem: "missing although there is more", field };
	if (seen.has(token)) return { problem: "the same as on an earlier page", field };
	return seen.size + 1 < MAX_PAGES ? reading : { problem: `leads on after ${MAX_PAGES} pages`, field };
}
