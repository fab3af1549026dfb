import { randomUUID } from "node:crypto";
import { OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import { routePath } from "hono/route";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { DatabaseUnavailable } from "../database/unavailable.js";
import { codeHeader } from "../error-codes.js";
import { ApiError, invalid } from "../setups/errors.js";
import type { AppEnv } from "./app-env.js";
import type { AppParts } from "./app-parts.js";
import { ClientGone } from "./routes/common.js";
import { healthRoutes } from "./routes/health.js";
import { sesSetupRoutes } from "./routes/ses-setups.js";
import { useCaseRoutes } from "./routes/use-cases.js";
import { validationErrors } from "./validation.js";

/** The Channels API as a function of its parts; it answers `app.request(…)` without a socket, too. */
export function createApp(parts: AppParts): OpenAPIHono<AppEnv> {
	const app = new OpenAPIHono<AppEnv>({
		defaultHook: (result) => {
			if (result.success) return;
			const { data, error, target } = result as typeof result & { data: unknown };
			throw new ApiError(422, "invalid-request", validationErrors(target, error.issues, data));
		},
	});

	app.use(async (context, next) => {
		const requestId = randomUUID();
		const started = performance.now();
		context.set("log", parts.log.child({ requestId }));
		context.header("x-request-id", requestId);
		await next();
		const { method } = context.req;
		const { status } = context.res;
		const milliseconds = performance.now() - started;
		// The route's pattern, not the path: a path may hold anything.
		const route = routePath(context, -1);
		context.get("log").info(
			{
				method,
				route,
				status,
				code: context.res.headers.get(codeHeader) ?? undefined,
				milliseconds: Math.round(milliseconds),
				keyId: context.get("apiKey")?.id,
			},
			"request",
		);
		parts.metrics.request(method, route, status, milliseconds);
	});

	app.use("/v1/*", parts.limitAddresses);
	app.openAPIRegistry.registerComponent("securitySchemes", "BearerAuth", { type: "http", scheme: "bearer" });
	app.route("/", sesSetupRoutes(parts));
	app.route("/", useCaseRoutes(parts));
	app.route(
		"/",
		healthRoutes(parts, () => describe(app)),
	);
	refuseOtherMethods(app);

	app.notFound((context) => answerError(new ApiError(404, "no-such-path", "Not Found"), context));
	app.onError((error, context) => answerError(error, context));
	return app;
}

function describe(app: OpenAPIHono<AppEnv>) {
	return app.getOpenAPI31Document({
		openapi: "3.1.0",
		info: { title: "Channels API", version: "1.0.0" },
		security: [{ BearerAuth: [] }],
	});
}

/** 405 for every method that a path does not know. */
function refuseOtherMethods(app: OpenAPIHono<AppEnv>): void {
	const methods = new Map<string, Set<string>>();
	for (const { path, method } of app.routes) {
		if (method === "ALL") continue;
		const known = methods.get(path) ?? new Set();
		methods.set(path, known.add(method));
		if (method === "GET") known.add("HEAD");
	}
	for (const [path, known] of methods) {
		app.all(path, () => {
			throw new ApiError(405, "method-not-allowed", "Method Not Allowed", { allow: [...known].join(", ") });
		});
	}
}

function answerError(error: Error, context: Context<AppEnv>): Response {
	const { status, code, detail, headers } = toApiError(error);
	if (status >= 500) context.get("log").error({ err: error, code }, "request failed");
	for (const [name, value] of Object.entries(headers)) context.header(name, value);
	return context.json({ detail }, status as ContentfulStatusCode);
}

function toApiError(error: Error): ApiError {
	if (error instanceof ApiError) return error;
	if (error instanceof DatabaseUnavailable) {
		const detail = "The service's database is unavailable. Try again shortly.";
		return new ApiError(503, error.code, detail, { "retry-after": "2" });
	}
	// nginx's status for it: for the log and the metrics, as nobody reads it.
	if (error instanceof ClientGone) return new ApiError(499, "request-incomplete", error.message);
	if (error instanceof HTTPException) {
		// Hono's own: 415 as it is, and 400 for a body that is no JSON, which here is a validation error.
		if (error.status !== 400) return new ApiError(error.status, "bad-request", error.message);
		return invalid({ loc: ["body"], msg: "The body is no valid JSON", type: "json_invalid" });
	}
	return new ApiError(500, "internal", "Internal Server Error");
}
