/** A setup file: the suites of this run work behind nginx. */
import { usePoolingProxy } from "../support/pooling-proxy.js";
import { startNginx } from "./nginx.js";

usePoolingProxy(startNginx);
