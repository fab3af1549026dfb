import type { MiddlewareHandler } from "hono";
import { tooMany } from "../setups/errors.js";
import type { AppEnv } from "./app-env.js";

/** When it is worth trying again, in milliseconds: what works upstream takes a few seconds. */
const retryMs = 2_000;

/**
 * Lets so many requests of one workspace be under way at once in this instance, and answers 429 to the others. Each
 * instance for itself, as what they wait for is its own: turns at SES, memory, connections.
 */
export function limitConcurrency(perWorkspace: number): MiddlewareHandler<AppEnv> {
	const underWay = new Map<string, number>();
	return async (context, next) => {
		const workspaceId = context.get("apiKey")?.workspaceId ?? "";
		const others = underWay.get(workspaceId) ?? 0;
		if (others >= perWorkspace)
			throw tooMany(`The workspace has ${others} changes under way, and may have no more at once.`, retryMs);
		underWay.set(workspaceId, others + 1);
		try {
			await next();
		} finally {
			const left = (underWay.get(workspaceId) ?? 1) - 1;
			if (left === 0) underWay.delete(workspaceId);
			else underWay.set(workspaceId, left);
		}
	};
}
