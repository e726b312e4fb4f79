import { render } from "preact";

render(<h1>cladmop</h1>, document.getElementById("app")!);
