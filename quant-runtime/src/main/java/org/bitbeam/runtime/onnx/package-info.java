/**
 * ONNX files as immutable values: read, checked, written back. The wire format is decoded here; no
 * protobuf library, no reflection, no access to other files.
 *
 * <p>{@link org.bitbeam.runtime.onnx.OnnxReader} is the only way in for foreign bytes. It refuses
 * damaged bytes with {@link org.bitbeam.runtime.onnx.OnnxFormatException} and sound ones that are
 * not supported with {@link org.bitbeam.runtime.onnx.UnsupportedOnnxException}, external data with
 * {@link org.bitbeam.runtime.UnsafeModelException}; nothing else comes out of it.
 */
@NullMarked
package org.bitbeam.runtime.onnx;

import org.jspecify.annotations.NullMarked;
