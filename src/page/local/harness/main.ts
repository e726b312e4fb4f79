import { openLocalApi } from "../local-api.js";

// What the tests drive, built as the page is.
Object.assign(window, { openLocalApi });
