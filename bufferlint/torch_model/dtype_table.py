"""What torch's functions make of dtypes.

Generated from torch 2.13.0 by tests/torch_model/generate_dtype_table.py.

Not to be edited. Names are those of functions without ``torch.``, which methods share. ``operations`` is the way in.
"""

TORCH_VERSION = "2.13.0"
DIGEST = "05452c6e3a2146b56107599597869fe33ee8332d3b9d913b6c41cb7cacc76bab"
"""SHA-256 of what follows, so that a change by hand shows."""

INTEGER = """\
all = all any arange argmax argmin argsort argwhere bool bucketize byte char count_nonzero eq ge greater greater_equal
 gt int isclose isfinite isin isinf isnan isneginf isposinf isreal le less less_equal linalg.matrix_rank logical_and
 logical_not logical_or logical_xor long lt multinomial ne nonzero nonzero_static not_equal randint searchsorted short
 signbit
"""
"""Functions that give integers or bools whatever they are given."""

KEEPS_INTEGER = """\
all = H T abs absolute adjoint alias_copy amax amin aminmax as_strided as_strided_copy as_strided_scatter atleast_1d
 atleast_2d atleast_3d bitwise_not block_diag broadcast_tensors broadcast_to cartesian_prod cat chunk clone column_stack
 combinations concat concatenate conj conj_physical contiguous conv1d conv2d conv3d conv_transpose1d conv_transpose2d
 conv_transpose3d cross cummax cummin cumprod cumsum diag diag_embed diagflat diagonal diagonal_copy diagonal_scatter
 diff dot dsplit dstack einsum empty_like expand expand_as expand_copy fft.fftshift fft.ifftshift fix flatten flip
 fliplr flipud fmax fmin gather gcd ger heaviside hsplit hstack index_copy index_put index_reduce index_select inner
 kron kthvalue lcm linalg.cross linalg.diagonal linalg.matmul linalg.multi_dot linalg.vander mH mT masked_scatter
 masked_select matmul max maximum median meshgrid min minimum mm mode moveaxis movedim msort mv nanmedian nansum narrow
 narrow_copy negative new_empty new_empty_strided new_ones new_zeros nn.functional.avg_pool1d nn.functional.avg_pool2d
 nn.functional.avg_pool3d nn.functional.bilinear nn.functional.channel_shuffle nn.functional.conv1d nn.functional.conv2d
 nn.functional.conv3d nn.functional.conv_transpose1d nn.functional.conv_transpose2d nn.functional.conv_transpose3d
 nn.functional.hardtanh nn.functional.linear nn.functional.max_pool2d nn.functional.max_pool3d nn.functional.one_hot
 nn.functional.pad nn.functional.pixel_shuffle nn.functional.pixel_unshuffle nn.functional.relu nn.functional.relu6
 nn.functional.threshold ones_like outer permute permute_copy positive prod put randint_like ravel real repeat
 repeat_interleave reshape reshape_as resize_ resize_as_ resolve_conj resolve_neg roll rot90 row_stack scatter_add
 scatter_reduce select select_scatter sgn sign slice slice_scatter sort split split_with_sizes split_with_sizes_copy
 square squeeze squeeze_copy stack sum sum_to_size swapaxes swapdims t t_copy take take_along_dim tensor_split tensordot
 tile to_sparse topk trace transpose transpose_copy tril triu trunc unbind unbind_copy unflatten unfold unfold_copy
 unique unique_consecutive unravel_index unsafe_chunk unsafe_split unsqueeze unsqueeze_copy vdot view view_as view_copy
 vsplit vstack zero_ zeros_like
"""
"""Functions that give integers or bools for tensors of such."""

PROMOTES = """\
all = add addbmm addcmul addmm addmv addr baddbmm bitwise_and bitwise_left_shift bitwise_or bitwise_right_shift
 bitwise_xor ceil clamp clamp_max clamp_min clip constant_pad_nd fill floor floor_divide fmod full_like geometric
 index_add index_fill masked_fill mul multiply nan_to_num neg new_full pow remainder rsub scatter sub subtract where
"""
"""Functions that give integers for tensors of such, but floats where a number among the arguments is."""

COMPLEX = """\
all = cdouble cfloat complex fft.fft fft.fft2 fft.fftn fft.ifft fft.ifft2 fft.ifftn fft.ihfft fft.ihfft2 fft.ihfftn
 fft.rfft fft.rfft2 fft.rfftn linalg.eig linalg.eigvals polar view_as_complex
"""
"""Functions that give complex numbers for real ones."""

REAL = """\
all = abs absolute angle dist fft.hfft fft.hfft2 fft.hfftn fft.irfft fft.irfft2 fft.irfftn imag linalg.cond
 linalg.eigvalsh linalg.matrix_norm linalg.norm linalg.svdvals linalg.vector_norm nn.functional.l1_loss
 nn.functional.pairwise_distance nn.functional.triplet_margin_loss nn.functional.triplet_margin_with_distance_loss norm
 real std var view_as_real
"""
"""Functions that give real numbers for complex ones."""
