// The numerical engine: a typed graph builder with reverse-mode differentiation and AdamW, emitted
// as standard ONNX and run by onnxruntime. Build with Graph and the operations, then compile().
export * from "./adamw.js";
export * from "./gradient.js";
export * from "./graph.js";
export * from "./int8.js";
export * from "./operations.js";
export * from "./processor.js";
export * from "./resident.js";
export * from "./session.js";
export * from "./tensor.js";
