import type { OpenAPIHonoOptions } from "@hono/zod-openapi";
import type { MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { z } from "zod";
import { ApiError } from "../../setups/errors.js";
import type { AppEnv } from "../app-env.js";
import { ErrorHeaders, ErrorResponse, HttpValidationError } from "../schemas.js";

/** Routers leave what is invalid to the app they are mounted in. */
export const inheritHook: OpenAPIHonoOptions<AppEnv> = {};

/** An answer with a JSON body. */
export function json<Schema extends z.ZodType>(schema: Schema, description: string) {
	return { description, content: { "application/json": { schema } } };
}

/** An answer that is documented by its status alone. */
export function empty(description: string) {
	return { description };
}

const refusals = {
	401: json(ErrorResponse, "The API key is missing, unknown or revoked."),
	429: json(ErrorResponse, "Too many requests."),
	503: json(ErrorResponse, "The service's database is unavailable."),
	403: empty("Insufficient permissions."),
	422: json(HttpValidationError, "Validation Error"),
};

/** What a route answers: how every one may refuse, but for what one has in words of its own. Refusals have a code. */
export function refusalsAnd<Own extends object>(own: Own): Own & Omit<typeof refusals, keyof Own> {
	const all = { ...refusals, ...own };
	const described = Object.entries(all).map(([status, response]) => [
		status,
		Number(status) < 400 ? response : { ...response, headers: ErrorHeaders },
	]);
	return Object.fromEntries(described) as typeof all;
}

/** How a route with a body may refuse that, beside what is wrong in it. */
export const bodyRefusals = {
	413: json(ErrorResponse, "The body is too large."),
	415: json(ErrorResponse, "The body is not sent as JSON."),
};

export const upstreamFailures = {
	502: empty("Upstream email service unavailable."),
	504: empty("Upstream email service timed out."),
};

/**
 * Reads the body: 413 for one of more octets than that, whether it announces its length or not.
 * @throws ClientGone when the client hangs up in the middle of it
 */
export function readBody(octets: number): MiddlewareHandler<AppEnv> {
	const limit = bodyLimit({
		maxSize: octets,
		onError: () => {
			throw new ApiError(413, "body-too-large", `The body is larger than ${octets} octets.`);
		},
	});
	return async (context, next) => {
		try {
			// Kept by Hono for whoever asks for the body from here on.
			await limit(context, async () => void (await context.req.arrayBuffer()));
		} catch (error) {
			if (error instanceof ApiError) throw error;
			throw new ClientGone("The client hung up before its request had ended.", { cause: error });
		}
		await next();
	};
}

/** Nobody waits for the answer any more. It is nobody's fault here. */
export class ClientGone extends Error {
	override readonly name = "ClientGone";
}

/** The items of one page, of which one more than its limit was read, and how the list goes on. */
export function pageOf<Item extends { readonly seq: number }, Shown>(
	read: readonly Item[],
	limit: number,
	show: (item: Item) => Shown,
) {
	const items = read.slice(0, limit);
	const hasMore = read.length > limit;
	return {
		items: items.map(show),
		has_more: hasMore,
		continuation_token: hasMore ? (items.at(-1)?.seq ?? null) : null,
		total: null,
	};
}

/** An instant as the API spells it. */
export function isoTime(milliseconds: number): string {
	return new Date(milliseconds).toISOString();
}
