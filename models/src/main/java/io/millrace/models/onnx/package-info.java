/** ONNX models: what a file of one says, and scoring by ONNX Runtime. */
@NullMarked
package io.millrace.models.onnx;

import org.jspecify.annotations.NullMarked;
