import { defineConfig } from "vitest/config";

/** What the pages of docs/ tell to do: `npm run test:pages`. */
export default defineConfig({ test: { name: "pages", root: import.meta.dirname, include: ["*.test.ts"] } });
