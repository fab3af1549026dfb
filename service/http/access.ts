import type { MiddlewareHandler } from "hono";
import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";
import type { ApiKey, ApiKeyStore, Permission } from "../database/api-keys.js";
import { ApiError } from "../setups/errors.js";
import type { AppEnv } from "./app-env.js";

/** Makes the guard of a route: it lets through who holds `permission` in the workspace of the path. */
export type Authorize = (permission: Permission) => MiddlewareHandler<AppEnv>;

/** Over how long the allowed rate is averaged: a burst of ten seconds' worth passes. */
const rateWindowSeconds = 10;

/**
 * Access by bearer keys, judged before anything else about a request: no key or an unknown one is 401, a key of
 * another workspace or without the permission is 403, too many requests of one key are 429.
 */
export function createAuthorize(keys: ApiKeyStore, requestsPerSecond: number): Authorize {
	const limiter = new RateLimiterMemory({
		points: requestsPerSecond * rateWindowSeconds,
		duration: rateWindowSeconds,
	});
	return (permission) => async (context, next) => {
		const key = await authenticate(keys, context.req.header("authorization"));
		context.set("apiKey", key);
		const workspaceId = context.req.param("workspace_id")?.toLowerCase();
		if (key.workspaceId !== workspaceId) {
			throw new ApiError(403, "Insufficient permissions: the API key belongs to another workspace.");
		}
		if (!key.permissions.includes(permission)) {
			throw new ApiError(403, `Insufficient permissions: the API key lacks ${permission}.`);
		}
		await spend(limiter, key);
		await next();
	};
}

async function authenticate(keys: ApiKeyStore, authorization: string | undefined): Promise<ApiKey> {
	const text = /^Bearer +(\S+)$/i.exec(authorization ?? "")?.[1];
	if (text === undefined) throw unauthorized("Not authenticated: send the API key as a bearer token.");
	const key = await keys.byText(text);
	if (!key) throw unauthorized("Invalid API key: it is unknown or was revoked.");
	return key;
}

function unauthorized(detail: string): ApiError {
	return new ApiError(401, detail, { "www-authenticate": "Bearer" });
}

async function spend(limiter: RateLimiterMemory, key: ApiKey): Promise<void> {
	try {
		await limiter.consume(key.id);
	} catch (error) {
		if (!(error instanceof RateLimiterRes)) throw error;
		const seconds = Math.max(1, Math.ceil(error.msBeforeNext / 1000));
		throw new ApiError(429, `Too many requests with this API key. Try again in ${seconds} s.`, {
			"retry-after": String(seconds),
		});
	}
}
