// C ABI over libtorch's dispatcher: one boxed call reaches every operator by its schema name.
//
// Conventions, for every function here:
// - It returns 0, or 1 after an error whose message was copied, cut to fit and zero-terminated, into error->text.
//   No exception crosses this boundary.
// - A handle that a function hands out (att_tensor, att_object) is owned by the caller and freed by its _free function;
//   a handle passed in is only borrowed for the call. att_operator handles live as long as the process.
// - Null is not accepted where a comment does not allow it.
#pragma once

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define ATT_API __attribute__((visibility("default")))

// Raised whenever a signature or the layout of a struct here changes; the managed side refuses another number.
#define ATT_ABI_VERSION 2

typedef struct att_tensor att_tensor;
typedef struct att_operator att_operator;
typedef struct att_object att_object;
typedef struct att_inference att_inference;

typedef struct {
  char text[2048];
} att_error;

typedef enum {
  ATT_NONE = 0,
  ATT_TENSOR = 1,
  ATT_INT = 2, // also dtypes, layouts and memory formats, by their c10 number
  ATT_DOUBLE = 3,
  ATT_BOOL = 4,
  ATT_STRING = 5, // UTF-8, count bytes
  ATT_DEVICE = 6, // as ATT_STRING: "cpu", "cuda:0"
  ATT_INTS = 7,
  ATT_DOUBLES = 8,
  ATT_BOOLS = 9, // one byte each
  ATT_TENSORS = 10,
  ATT_OPTIONAL_TENSORS = 11, // as ATT_TENSORS, a null pointer stands for "none"
  ATT_OBJECT = 12            // an opaque value that an operator returned, such as packed weights
} att_kind;

typedef struct {
  int32_t kind;  // att_kind
  int32_t count; // elements of a list, bytes of a string; else 0
  union {
    int64_t i;
    double d;
    const void *p;
  } u;
} att_value;

// --- operators -------------------------------------------------------------------------------------------------------

// The operator with that schema name ("aten::linear") and overload ("" where there is none).
ATT_API int32_t att_operator_find(const char *name, const char *overload, att_operator **out, att_error *error);

// Calls it. Tensors in a list are handed out as separate results, in order; *got is how many there are. With more than
// capacity nothing is handed out and the call fails, after the operator has run. With results null, whatever the
// operator gives back is freed.
ATT_API int32_t att_operator_call(const att_operator *op, const att_value *arguments, int32_t argument_count,
                                  att_value *results, int32_t capacity, int32_t *got, att_error *error);

ATT_API void att_object_free(att_object *object);

// --- tensors ---------------------------------------------------------------------------------------------------------

// A new CPU tensor with a copy of `bytes` bytes at data (row-major). data may be null when bytes is 0.
ATT_API int32_t att_tensor_new(const void *data, int64_t bytes, int32_t dtype, const int64_t *shape, int32_t rank,
                               att_tensor **out, att_error *error);

// Copies the elements, row-major, to destination; bytes must be exactly the tensor's size. Any device, any strides.
ATT_API int32_t att_tensor_read(const att_tensor *tensor, void *destination, int64_t bytes, att_error *error);

// Writes at most `capacity` sizes to shape; *rank is the true rank.
ATT_API int32_t att_tensor_shape(const att_tensor *tensor, int64_t *shape, int32_t capacity, int32_t *rank,
                                 att_error *error);
ATT_API int32_t att_tensor_dtype(const att_tensor *tensor, int32_t *dtype, att_error *error);

// "cpu" or "cuda:0", zero-terminated, cut to capacity.
ATT_API int32_t att_tensor_device(const att_tensor *tensor, char *text, int32_t capacity, att_error *error);

ATT_API void att_tensor_free(att_tensor *tensor);

// Handles handed out and not yet freed, in this process.
ATT_API int64_t att_tensor_live_count(void);

// --- autograd --------------------------------------------------------------------------------------------------------

ATT_API int32_t att_requires_grad(const att_tensor *tensor, int32_t *on, att_error *error);
ATT_API int32_t att_set_requires_grad(att_tensor *tensor, int32_t on, att_error *error);

// Accumulates d tensor / d leaf into the leaves' gradients; tensor holds one element.
ATT_API int32_t att_backward(att_tensor *tensor, att_error *error);

// *out is null where there is no gradient.
ATT_API int32_t att_grad(const att_tensor *tensor, att_tensor **out, att_error *error);
ATT_API int32_t att_clear_grad(att_tensor *tensor, att_error *error);

// Grad mode belongs to the calling thread. *before, which may be null, is what it was.
ATT_API int32_t att_set_grad_mode(int32_t on, int32_t *before, att_error *error);

// Inference mode: enter and leave nest, and happen on the same thread.
ATT_API int32_t att_inference_enter(att_inference **out, att_error *error);
ATT_API void att_inference_leave(att_inference *mode);

// --- runtime ---------------------------------------------------------------------------------------------------------

ATT_API int32_t att_abi_version(void);

// "1.13.0": the libtorch headers that this library was compiled with, and the library that it runs with.
ATT_API const char *att_libtorch_build_version(void);
ATT_API int32_t att_libtorch_run_version(char *text, int32_t capacity, att_error *error);

ATT_API int32_t att_manual_seed(uint64_t seed, att_error *error);

// Threads within one operator. OpenMP keeps the number for each calling thread, so each thread that calls sets it.
ATT_API int32_t att_set_threads(int32_t threads, att_error *error);
ATT_API int32_t att_threads(void);

ATT_API int32_t att_cuda_device_count(int32_t *count, att_error *error);

// What libtorch was built with (BLAS, oneDNN, instruction set), many lines, cut to capacity.
ATT_API int32_t att_build_configuration(char *text, int32_t capacity, att_error *error);

#ifdef __cplusplus
}
#endif
