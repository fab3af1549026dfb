import { OpenAPIHono } from "@hono/zod-openapi";
import type { AppEnv } from "../app-env.js";
import type { AppParts } from "../app-parts.js";

/** What the people who run the service look at. No key is needed. */
export function healthRoutes({ metrics, ready }: AppParts, describe: () => object): OpenAPIHono<AppEnv> {
	const app = new OpenAPIHono<AppEnv>();
	app.get("/healthz", (context) => context.json({ status: "ok" }));
	app.get("/readyz", async (context) => {
		await ready();
		return context.json({ status: "ready" });
	});
	app.get("/metrics", async (context) =>
		context.text(await metrics.registry.metrics(), 200, { "content-type": metrics.registry.contentType }),
	);
	let description: object | undefined;
	app.get("/openapi.json", (context) => {
		// Made once, as it is the same for as long as the process lives; not before all routes are known.
		description ??= describe();
		return context.json(description);
	});
	return app;
}
