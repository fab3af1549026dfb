import type { OpenAPIHonoOptions } from "@hono/zod-openapi";
import type { MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import type { z } from "zod";
import type { AppEnv } from "../app.js";
import { ApiError } from "../errors.js";
import { HttpValidationError } from "../schemas.js";

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

const shared = {
	403: empty("Insufficient permissions."),
	422: json(HttpValidationError, "Validation Error"),
	502: empty("Channel manager unavailable."),
	504: empty("Channel manager timed out."),
};

/** The answers that most routes share. */
export function responses<Status extends keyof typeof shared>(
	...statuses: Status[]
): Pick<typeof shared, Status> {
	return Object.fromEntries(statuses.map((status) => [status, shared[status]])) as Pick<
		typeof shared,
		Status
	>;
}

/** 413 for a body of more octets than that, whether it announces its length or not. */
export function limitBody(octets: number): MiddlewareHandler<AppEnv> {
	return bodyLimit({
		maxSize: octets,
		onError: () => {
			throw new ApiError(413, `The body is larger than ${octets} octets.`);
		},
	});
}

/** An instant as the API spells it. */
export function isoTime(milliseconds: number): string {
	return new Date(milliseconds).toISOString();
}
