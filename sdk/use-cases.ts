import { useCaseList } from "./answers.js";
import { type Caller, type CallOptions, type ChannelsAnswer, jsonOf } from "./call.js";
import type { UseCaseListResponse } from "./contract.js";

/** What the setups of a workspace are used for. */
export interface UseCases {
	/** What refers to a setup, or to any (permission Channel.view). */
	list(
		options?: CallOptions & { setupId?: string | undefined },
	): Promise<ChannelsAnswer<UseCaseListResponse>>;
}

const read = jsonOf<UseCaseListResponse>(useCaseList);

export function createUseCases(call: Caller): UseCases {
	return {
		list: ({ setupId, ...options } = {}) =>
			call(
				{
					doing:
						setupId === undefined ? "listing use cases" : `listing the use cases of the SES setup ${setupId}`,
					permission: "Channel.view",
					method: "GET",
					path: ["use-cases"],
					query: setupId === undefined ? {} : { setup_id: setupId },
					expected: 200,
					read,
					repeatable: true,
				},
				options,
			),
	};
}
