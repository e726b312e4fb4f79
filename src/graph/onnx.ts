import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import type { Attribute, Graph, Node } from "./graph.js";
import { ELEMENT_TYPES, type Tensor } from "./tensor.js";

// Field numbers are those of the published onnx.proto (IR version 9, opset 20): only the messages
// and fields that a graph of ours needs. Operators are of the standard set, but for few that ONNX
// Runtime alone has: their names begin with its domain.

const IR_VERSION = 9;
const OPSET = 20;
const RUNTIME_DOMAIN = "com.microsoft";
/** AttributeProto.AttributeType */
const FLOAT = 1;
const INT = 2;
const STRING = 3;
const INTS = 7;

/**
 * Serialises a graph as ModelProto. Outputs are renamed through Identity nodes.
 * @param float16 whether there is such a type, else it is float32
 */
export function encodeModel(graph: Graph, { float16 }: { readonly float16: boolean }): Uint8Array {
  const model = new BinaryWriter();
  model.tag(1, WireType.Varint).int64(IR_VERSION);
  model.tag(2, WireType.LengthDelimited).string("cladmop");
  message(model, 7, (writer) => encodeGraph(writer, graph, float16));
  message(model, 8, (writer) => writer.tag(2, WireType.Varint).int64(OPSET));
  message(model, 8, (writer) => {
    writer.tag(1, WireType.LengthDelimited).string(RUNTIME_DOMAIN);
    writer.tag(2, WireType.Varint).int64(1);
  });
  return model.finish();
}

function encodeGraph(writer: BinaryWriter, graph: Graph, float16: boolean): void {
  const typed = (tensor: Tensor): Tensor =>
    tensor.type === "float16" && !float16 ? { ...tensor, type: "float32" } : tensor;
  const retyped = (node: Node): Node =>
    node.operator === "Cast"
      ? { ...node, attributes: { to: ELEMENT_TYPES[typed(node.outputs[0]!).type] } }
      : node;
  const nodes = graph.liveNodes();
  const used = new Set(nodes.flatMap((node) => node.inputs));
  for (const tensor of graph.outputs.values()) used.add(tensor);
  for (const node of nodes) message(writer, 1, (w) => encodeNode(w, retyped(node)));
  for (const [name, tensor] of graph.outputs) {
    const identity = { operator: "Identity", inputs: [tensor], attributes: {} };
    message(writer, 1, (w) => encodeNode(w, { ...identity, outputs: [{ ...tensor, name }] }));
  }
  writer.tag(2, WireType.LengthDelimited).string("cladmop");
  for (const { tensor, data } of graph.constants) {
    if (!used.has(tensor)) continue;
    message(writer, 5, (w) => {
      for (const size of tensor.shape) w.tag(1, WireType.Varint).int64(size);
      w.tag(2, WireType.Varint).int32(ELEMENT_TYPES[tensor.type]);
      w.tag(8, WireType.LengthDelimited).string(tensor.name);
      const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
      w.tag(9, WireType.LengthDelimited).bytes(bytes);
    });
  }
  for (const tensor of graph.inputs) message(writer, 11, (w) => encodeValue(w, typed(tensor)));
  for (const [name, tensor] of graph.outputs)
    message(writer, 12, (w) => encodeValue(w, { ...typed(tensor), name }));
}

function encodeNode(writer: BinaryWriter, node: Node): void {
  for (const { name } of node.inputs) writer.tag(1, WireType.LengthDelimited).string(name);
  for (const { name } of node.outputs) writer.tag(2, WireType.LengthDelimited).string(name);
  const own = node.operator.startsWith(`${RUNTIME_DOMAIN}.`);
  const operator = own ? node.operator.slice(RUNTIME_DOMAIN.length + 1) : node.operator;
  writer.tag(4, WireType.LengthDelimited).string(operator);
  if (own) writer.tag(7, WireType.LengthDelimited).string(RUNTIME_DOMAIN);
  for (const [name, value] of Object.entries(node.attributes))
    message(writer, 5, (w) => encodeAttribute(w, name, value));
}

function encodeAttribute(writer: BinaryWriter, name: string, value: Attribute): void {
  writer.tag(1, WireType.LengthDelimited).string(name);
  if (typeof value === "number") {
    writer.tag(3, WireType.Varint).int64(value);
    writer.tag(20, WireType.Varint).int32(INT);
  } else if (typeof value === "string") {
    writer.tag(4, WireType.LengthDelimited).string(value);
    writer.tag(20, WireType.Varint).int32(STRING);
  } else if ("float" in value) {
    writer.tag(2, WireType.Bit32).float(value.float);
    writer.tag(20, WireType.Varint).int32(FLOAT);
  } else {
    for (const item of value) writer.tag(8, WireType.Varint).int64(item);
    writer.tag(20, WireType.Varint).int32(INTS);
  }
}

/** ValueInfoProto → TypeProto → TypeProto.Tensor → TensorShapeProto → Dimension. */
function encodeValue(writer: BinaryWriter, { name, shape, type }: Tensor): void {
  writer.tag(1, WireType.LengthDelimited).string(name);
  message(writer, 2, (typeWriter) =>
    message(typeWriter, 1, (tensorWriter) => {
      tensorWriter.tag(1, WireType.Varint).int32(ELEMENT_TYPES[type]);
      message(tensorWriter, 2, (shapeWriter) => {
        for (const size of shape)
          message(shapeWriter, 1, (w) => w.tag(1, WireType.Varint).int64(size));
      });
    }),
  );
}

function message(writer: BinaryWriter, field: number, write: (writer: BinaryWriter) => void): void {
  writer.tag(field, WireType.LengthDelimited).fork();
  write(writer);
  writer.join();
}
