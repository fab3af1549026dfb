import { randomUUID } from "node:crypto";
import { OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";
import { HTTPException } from "hono/http-exception";
import { routePath } from "hono/route";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { DatabaseUnavailable } from "../database/unavailable.js";
import { ApiError } from "../setups/errors.js";
import type { AppEnv } from "./app-env.js";
import type { AppParts } from "./app-parts.js";
import { ClientGone } from "./routes/common.js";
import { operationsRoutes } from "./routes/operations.js";
import { sesSetupRoutes } from "./routes/ses-setups.js";
import { useCaseRoutes } from "./routes/use-cases.js";
import { validationErrors } from "./validation.js";

/** The Channels API as a function of its parts; it answers `app.request(…)` without a socket, too. */
export function createApp(parts: AppParts): OpenAPIHono<AppEnv> {
	const app = new OpenAPIHono<AppEnv>({
		defaultHook: (result) => {
			if (result.success) return;
			const { data, error, target } = result as typeof result & { data: unknown };
			throw new ApiError(422, validationErrors(target, error.issues, data));
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
		const apiKey = context.get("apiKey");
		context
			.get("log")
			.info({ method, route, status, milliseconds: Math.round(milliseconds), keyId: apiKey?.id }, "request");
		parts.metrics.request(method, route, status, milliseconds);
	});

	app.use("/v1/*", parts.limitAddresses);
	app.openAPIRegistry.registerComponent("securitySchemes", "BearerAuth", { type: "http", scheme: "bearer" });
	app.route("/", sesSetupRoutes(parts));
	app.route("/", useCaseRoutes(parts));
	app.route(
		"/",
		operationsRoutes(parts, () => describe(app)),
	);
	refuseOtherMethods(app);

	app.notFound((context) => context.json({ detail: "Not Found" }, 404));
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
			throw new ApiError(405, "Method Not Allowed", { allow: [...known].join(", ") });
		});
	}
}

function answerError(error: Error, context: Context<AppEnv>): Response {
	const answer = toAnswer(error);
	if (answer.status >= 500) context.get("log").error({ err: error }, "request failed");
	for (const [name, value] of Object.entries(answer.headers)) context.header(name, value);
	return context.json({ detail: answer.detail }, answer.status as ContentfulStatusCode);
}

function toAnswer(error: Error): Pick<ApiError, "detail" | "headers"> & { status: number } {
	if (error instanceof ApiError) return error;
	if (error instanceof DatabaseUnavailable) {
		return {
			status: 503,
			detail: "The service's database is unavailable. Try again shortly.",
			headers: { "retry-after": "2" },
		};
	}
	// nginx's status for it: for the log and the metrics, as nobody reads it.
	if (error instanceof ClientGone) return { status: 499, detail: error.message, headers: {} };
	if (error instanceof HTTPException) {
		// Hono's own: 415 as it is, and 400 for a body that is no JSON, which here is a validation error.
		if (error.status !== 400) return { status: error.status, detail: error.message, headers: {} };
		const item = { loc: ["body"], msg: "The body is no valid JSON", type: "json_invalid" };
		return { status: 422, detail: [item], headers: {} };
	}
	return { status: 500, detail: "Internal Server Error", headers: {} };
}
