import { jsonOf, useCaseList } from "./answers.js";
import type { Caller, CallOptions, ChannelsAnswer } from "./call.js";
import type { UseCaseListResponse, UseCaseResponse } from "./contract.js";
import { readPages } from "./pages.js";

export interface UseCaseListOptions extends CallOptions {
	/** Only what refers to this setup. Default: all. */
	setupId?: string | undefined;
}

/** What the setups of a workspace are used for. */
export interface UseCases {
	/** Every use case, page by page as it is consumed (permission Channel.view). */
	list(options?: UseCaseListOptions): AsyncGenerator<UseCaseResponse, void, void>;
	/** The same as whole answers. `timeoutMs` holds for each page. */
	pages(options?: UseCaseListOptions): AsyncGenerator<ChannelsAnswer<UseCaseListResponse>, void, void>;
}

const read = jsonOf<UseCaseListResponse>(useCaseList);

export function createUseCases(call: Caller): UseCases {
	const pages: UseCases["pages"] = ({ setupId, ...options } = {}) =>
		readPages(
			call,
			{
				doing:
					setupId === undefined ? "listing use cases" : `listing the use cases of the SES setup ${setupId}`,
				permission: "Channel.view",
				method: "GET",
				path: ["use-cases"],
				// No limit: the API chooses the largest page it has, or has none at all.
				query: setupId === undefined ? {} : { setup_id: setupId },
				expected: 200,
				read,
				repeatable: true,
			},
			options,
		);
	return {
		pages,
		async *list(options) {
			for await (const { data } of pages(options)) yield* data.items;
		},
	};
}
