"""What torch's names mean. Generated from torch 2.13.0 by tests/torch_model/generate_torch_table.py.

Not to be edited: change the generator and run it again. Each table is a text of records ``key = value``; a line that
begins with a blank continues the record above it. ``torch_model.api`` is the way in.
"""

TORCH_VERSION = "2.13.0"
DIGEST = "0e9a54d5039965a9d7c62cddaab8a16673a49a2f532543a3a176992690dca568"
"""SHA-256 of what follows, so that a change by hand shows."""

FUNCTIONS = """\
(NN) torch.accelerator = get_memory_info
(NN) torch.cuda = get_device_capability mem_get_info
(ONO?) torch.serialization = get_source_lines_and_file
(OS) torch.utils.checkpoint = get_device_states
(TS) torch = histogramdd
(TT) torch = adaptive_max_pool1d aminmax batch_norm_gather_stats batch_norm_gather_stats_with_counts batch_norm_stats
 batch_norm_update_stats choose_qparams_optimized cummax cummin eig frexp geqrf gru histogram kthvalue lobpcg lstm_cell
 lstsq max_pool1d_with_indices miopen_ctc_loss mkldnn_linear_backward_weights mode native_dropout qr quantized_lstm_cell
 rnn_relu rnn_tanh slogdet solve sort std_mean symeig topk triangular_solve var_mean
(TT) torch.linalg = cholesky_ex eig eigh inv_ex ldl_factor lu_factor qr slogdet solve_ex
(TT) torch.nn.functional = adaptive_max_pool1d_with_indices adaptive_max_pool2d_with_indices
 adaptive_max_pool3d_with_indices fractional_max_pool2d_with_indices fractional_max_pool3d_with_indices
 max_pool1d_with_indices max_pool2d_with_indices max_pool3d_with_indices
(TT) torch.nn.utils.rnn = pad_packed_sequence
(TT?) torch.nn.functional = multi_head_attention_forward
(TTNN) torch = fbgemm_linear_quantize_weight
(TTT) torch = lstm lu_unpack miopen_batch_norm native_batch_norm native_group_norm native_layer_norm pca_lowrank svd
 svd_lowrank
(TTT) torch.linalg = ldl_factor_ex lu lu_factor_ex svd
(TTTT) torch = batch_norm_backward_reduce cudnn_batch_norm embedding_bag mkldnn_rnn_layer
(TTTT) torch.linalg = lstsq
(TTTTT) torch = miopen_rnn
* torch = classproperty compile cond fork get_autocast_ipu_dtype get_autocast_xla_dtype import_ir_module
 import_ir_module_from_buffer is_autocast_ipu_enabled is_autocast_xla_enabled load merge_type_from_type_comment parse_ir
 parse_schema parse_type_comment profiler_allow_cudagraph_cupti_lazy_reinit_cuda12 set_autocast_ipu_dtype
 set_autocast_ipu_enabled set_autocast_xla_dtype set_autocast_xla_enabled split_copy split_with_sizes_copy sym_float
 sym_fresh_size sym_int sym_ite sym_max sym_min sym_not sym_sqrt sym_sum to_dlpack unbind_copy unify_type_list vmap wait
 while_loop
* torch.accelerator = memory_stats
* torch.amp = custom_bwd custom_fwd
* torch.ao.quantization = add_quant_dequant convert convert_dynamic_jit convert_jit default_eval_fn disable_fake_quant
 disable_observer enable_fake_quant enable_observer fuse_conv_bn fuse_conv_bn_jit fuse_conv_bn_relu
 fuse_convtranspose_bn fuse_linear_bn fuse_modules fuse_modules_qat get_default_compare_output_module_list
 get_default_custom_config_dict get_default_dynamic_quant_module_mappings
 get_default_dynamic_sparse_quant_module_mappings get_default_float_to_quantized_operator_mappings
 get_default_qat_module_mappings get_default_qat_qconfig get_default_qat_qconfig_dict get_default_qat_qconfig_mapping
 get_default_qconfig get_default_qconfig_dict get_default_qconfig_mapping get_default_qconfig_propagation_list
 get_default_static_quant_module_mappings get_default_static_quant_reference_module_mappings
 get_default_static_sparse_quant_module_mappings get_dynamic_quant_module_class get_embedding_qat_module_mappings
 get_embedding_static_quant_module_mappings get_fuser_method get_fuser_method_new get_observer_state_dict
 get_quantized_operator get_static_quant_module_class load_observer_state_dict no_observer_set prepare
 prepare_dynamic_jit prepare_jit prepare_qat propagate_qconfig_ qconfig_equals quantize quantize_dynamic
 quantize_dynamic_jit quantize_jit quantize_qat script_qconfig script_qconfig_dict swap_module
* torch.autograd = grad has_torch_function is_multithreading_enabled is_view_replay_enabled kineto_available variable
* torch.autograd.function = once_differentiable
* torch.autograd.functional = hessian hvp jacobian jvp vhp vjp
* torch.cpu = stream
* torch.cuda = caching_allocator_alloc caching_allocator_delete caching_allocator_disabled cudart current_blas_handle
 current_solver_handle get_device_properties graph_pool_handle host_memory_stats host_memory_stats_as_nested_dict init
 ipc_collect is_bf16_supported is_initialized make_graphed_callables memory_snapshot memory_stats
 memory_stats_as_nested_dict set_stream stream use_mem_pool
* torch.cuda.amp = amp_definitely_not_available custom_bwd custom_fwd
* torch.distributed = all_gather all_gather_coalesced all_gather_into_tensor all_gather_object all_gather_single
 all_reduce all_reduce_coalesced all_to_all all_to_all_single barrier batch_isend_irecv breakpoint broadcast
 broadcast_object_list destroy_process_group gather gather_object get_backend get_debug_level init_device_mesh irecv
 isend monitored_barrier new_group new_subgroups new_subgroups_by_enumeration record_comm recv_object_list reduce
 reduce_scatter reduce_scatter_single reduce_scatter_tensor register_rendezvous_handler rendezvous scatter
 scatter_object_list send_object_list set_debug_level set_debug_level_from_env shrink_group split_group
* torch.distributed.fsdp = fully_shard
* torch.distributions = register_kl
* torch.distributions.constraints = is_dependent
* torch.func = functional_call functionalize grad grad_and_value hessian jacfwd jacrev jvp linearize
 replace_all_batch_norm_modules_ stack_module_state vjp
* torch.functional = boolean_dispatch has_torch_function_unary has_torch_function_variadic overload
* torch.fx = has_side_effect map_arg replace_pattern symbolic_trace wrap
* torch.jit = annotate export export_opnames fork freeze fuser ignore interface is_tracing isinstance
 jit_module_from_flatbuffer last_executed_optimized_graph load onednn_fusion_enabled optimize_for_inference
 optimized_execution script script_if_tracing script_method set_fusion_strategy set_module trace trace_module unused
 wait
* torch.masked = as_masked_tensor masked_tensor
* torch.mps = compile_shader load_metallib
* torch.nested = to_padded_tensor
* torch.nn = factory_kwargs
* torch.nn.attention = sdpa_kernel
* torch.nn.init = constant dirac eye kaiming_normal kaiming_uniform normal orthogonal sparse uniform xavier_normal
 xavier_uniform
* torch.nn.modules.module = register_module_backward_hook register_module_buffer_registration_hook
 register_module_forward_hook register_module_forward_pre_hook register_module_full_backward_hook
 register_module_full_backward_pre_hook register_module_module_registration_hook
 register_module_parameter_registration_hook
* torch.nn.parallel = gather parallel_apply replicate
* torch.nn.parallel.distributed = scatter_kwargs tree_flatten tree_unflatten
* torch.nn.utils = convert_conv2d_weight_memory_format convert_conv3d_weight_memory_format fuse_conv_bn_eval
 fuse_conv_bn_weights fuse_linear_bn_eval fuse_linear_bn_weights remove_spectral_norm remove_weight_norm skip_init
 spectral_norm weight_norm
* torch.nn.utils.parametrizations = orthogonal spectral_norm weight_norm
* torch.nn.utils.parametrize = cached register_parametrization remove_parametrizations
 transfer_parametrizations_and_params type_before_parametrizations
* torch.nn.utils.rnn = bind copy_method_params pack_padded_sequence pack_sequence
* torch.optim = swap_in_optimizer_params_and_state
* torch.optim.optimizer = register_optimizer_step_post_hook register_optimizer_step_pre_hook
* torch.optim.swa_utils = get_ema_avg_fn get_ema_multi_avg_fn get_swa_avg_fn get_swa_multi_avg_fn
* torch.overrides = enable_reentrant_dispatch get_overridable_functions handle_torch_function is_tensor_like
 redispatch_function resolve_name wrap_torch_function
* torch.serialization = check_module_version_greater_or_equal default_restore_location get_default_load_endianness
 get_safe_globals location_tag mkdtemp normalize_storage_type register_package set_crc32_options
 set_default_load_endianness storage_to_tensor_type validate_cuda_device validate_hpu_device
* torch.sparse = as_sparse_gradcheck spsolve to_sparse_semi_structured
* torch.testing = assert_close
* torch.utils.checkpoint = capture_logs checkpoint checkpoint_sequential create_selective_checkpoint_contexts
 noop_context_fn set_checkpoint_debug_enabled set_checkpoint_early_stop tree_map
* torch.utils.data = argument_validation default_collate default_convert get_worker_info random_split runtime_validation
0 torch = clear_autocast_cache init_num_threads prepare_multiprocessing_environment save set_anomaly_enabled
 set_autocast_cache_enabled set_autocast_cpu_dtype set_autocast_cpu_enabled set_autocast_dtype set_autocast_enabled
 set_autocast_gpu_dtype set_default_device set_default_dtype set_default_tensor_type set_deterministic_debug_mode
 set_float32_matmul_precision set_num_interop_threads set_num_threads set_printoptions set_rng_state set_warn_always
 sym_constrain_range sym_constrain_range_for_size use_deterministic_algorithms
0 torch.accelerator = empty_cache empty_host_cache reset_accumulated_memory_stats reset_peak_memory_stats set_device_idx
 set_device_index set_stream synchronize
0 torch.autograd = backward
0 torch.cpu = set_device synchronize
0 torch.cuda = caching_allocator_enable change_current_allocator check_error empty_cache manual_seed manual_seed_all
 reset_accumulated_host_memory_stats reset_accumulated_memory_stats reset_max_memory_allocated reset_max_memory_cached
 reset_peak_host_memory_stats reset_peak_memory_stats seed seed_all set_device set_per_process_memory_fraction
 set_rng_state set_rng_state_all set_sync_debug_mode synchronize
0 torch.distributed = init_process_group send
0 torch.distributed.fsdp = register_fsdp_forward_method share_comm_ctx
0 torch.jit = enable_onednn_fusion run_frozen_optimizations save save_jit_module_to_flatbuffer
0 torch.mps = empty_cache manual_seed seed set_per_process_memory_fraction set_rng_state synchronize
0 torch.nn.attention = activate_flash_attention_impl register_flash_attention_impl restore_flash_attention_impl
0 torch.nn.functional = assert_int_or_pair
0 torch.nn.modules.utils = consume_prefix_in_state_dict_if_present
0 torch.nn.utils = clip_grad_value_ clip_grads_with_norm_ vector_to_parameters
0 torch.optim.adadelta = adadelta
0 torch.optim.adagrad = adagrad
0 torch.optim.adam = adam
0 torch.optim.adamax = adamax
0 torch.optim.adamw = adamw
0 torch.optim.asgd = asgd
0 torch.optim.nadam = nadam
0 torch.optim.radam = radam
0 torch.optim.rmsprop = rmsprop
0 torch.optim.rprop = rprop
0 torch.optim.sgd = sgd
0 torch.optim.swa_utils = update_bn
0 torch.serialization = add_safe_globals clear_safe_globals
0 torch.testing = assert_allclose
0 torch.utils.checkpoint = check_backward_validity set_device_states
N torch = allclose are_deterministic_algorithms_enabled autocast_decrement_nesting autocast_increment_nesting can_cast
 compiled_with_cxx11_abi cudnn_is_acceptable equal get_deterministic_debug_mode get_device get_num_interop_threads
 get_num_threads initial_seed is_anomaly_check_nan_enabled is_anomaly_enabled is_autocast_cache_enabled
 is_autocast_cpu_enabled is_autocast_enabled is_complex is_conj is_deterministic_algorithms_warn_only_enabled
 is_distributed is_floating_point is_grad_enabled is_inference is_inference_mode_enabled is_neg is_nonzero is_same_size
 is_signed is_storage is_tensor is_vulkan_available is_warn_always_enabled numel q_per_channel_axis q_scale q_zero_point
 seed set_flush_denormal
N torch.accelerator = current_device_idx current_device_index device_count is_available max_memory_allocated
 max_memory_reserved memory_allocated memory_reserved
N torch.amp = is_autocast_available
N torch.autograd = gradcheck gradgradcheck
N torch.cpu = device_count is_available is_initialized
N torch.cuda = can_device_access_peer clock_rate current_device device_count device_memory_used
 get_per_process_memory_fraction get_sync_debug_mode initial_seed is_available is_current_stream_capturing
 is_tf32_supported max_memory_allocated max_memory_cached max_memory_reserved memory_allocated memory_cached
 memory_reserved memory_usage power_draw temperature utilization
N torch.distributed = get_global_rank get_group_rank get_node_local_rank get_pg_count get_rank get_world_size
 is_available is_backend_available is_gloo_available is_initialized is_mpi_available is_nccl_available
 is_torchelastic_launched is_ucc_available is_xccl_available recv supports_complex
N torch.jit = is_scripting
N torch.masked = is_masked_tensor
N torch.mps = current_allocated_memory device_count driver_allocated_memory is_available recommended_max_memory
N torch.nn.attention = can_use_efficient_attention can_use_flash_attention
N torch.nn.init = calculate_gain
N torch.nn.modules.module = is_traceable_wrapper_subclass
N torch.nn.parameter = is_lazy
N torch.nn.utils.parametrize = get_swap_module_params_on_conversion is_opaque_reference_type is_parametrized
N torch.overrides = is_tensor_method_or_property
N torch.serialization = get_crc32_options
N? torch.serialization = get_default_mmap_options
O torch = broadcast_shapes get_autocast_cpu_dtype get_autocast_dtype get_autocast_gpu_dtype get_default_device
 get_default_dtype get_file_path get_float32_matmul_precision manual_seed promote_types result_type typename
O torch.accelerator = current_stream
O torch.ao.quantization = get_block_size
O torch.cpu = current_device current_stream
O torch.cuda = current_stream default_stream get_allocator_backend get_arch_list get_device_name get_gencode_flags
 get_stream_from_external list_gpu_processes memory_summary
O torch.distributed = get_backend_config get_default_backend_for_device get_process_group_ranks
O torch.nn.attention = list_flash_attention_impls
O torch.random = fork_rng
O torch.serialization = get_unsafe_globals_in_checkpoint
O? torch = thread_safe_generator
O? torch.accelerator = current_accelerator
O? torch.nn.attention = current_flash_attention_impl
S torch = broadcast_tensors chunk dsplit gradient hsplit meshgrid split split_with_sizes tensor_split unbind
 unravel_index unsafe_chunk unsafe_split unsafe_split_with_sizes vsplit
S torch.cuda = get_rng_state_all
S torch.distributions.utils = broadcast_all
S torch.nn.utils.rnn = unpack_sequence unpad_sequence
S torch.utils.checkpoint = detach_variable
T torch = abs abs_ absolute acos acos_ acosh acosh_ adaptive_avg_pool1d add addbmm addcdiv addcmul addmm addmv addmv_
 addr adjoint affine_grid_generator alias_copy all alpha_dropout alpha_dropout_ amax amin angle any arange arccos
 arccos_ arccosh arccosh_ arcsin arcsin_ arcsinh arcsinh_ arctan arctan2 arctan_ arctanh arctanh_ argmax argmin argsort
 argwhere as_strided as_strided_ as_strided_copy as_strided_scatter as_tensor asarray asin asin_ asinh asinh_ atan atan2
 atan_ atanh atanh_ avg_pool1d baddbmm bartlett_window batch_norm batch_norm_backward_elemt batch_norm_elemt bernoulli
 bilinear binary_cross_entropy_with_logits bincount binomial bitwise_and bitwise_left_shift bitwise_not bitwise_or
 bitwise_right_shift bitwise_xor blackman_window block_diag bmm broadcast_to bucketize cartesian_prod cat
 ccol_indices_copy cdist ceil ceil_ celu celu_ chain_matmul channel_shuffle cholesky cholesky_inverse cholesky_solve
 clamp clamp_ clamp_max clamp_max_ clamp_min clamp_min_ clip clip_ clone col_indices_copy column_stack combinations
 complex concat concatenate conj conj_physical conj_physical_ constant_pad_nd conv1d conv2d conv3d conv_tbc
 conv_transpose1d conv_transpose2d conv_transpose3d convolution copysign corrcoef cos cos_ cosh cosh_
 cosine_embedding_loss cosine_similarity count_nonzero cov cross crow_indices_copy ctc_loss cudnn_affine_grid_generator
 cudnn_convolution cudnn_convolution_add_relu cudnn_convolution_relu cudnn_convolution_transpose cudnn_grid_sampler
 cumprod cumsum cumulative_trapezoid deg2rad deg2rad_ det detach detach_ detach_copy diag diag_embed diagflat diagonal
 diagonal_copy diagonal_scatter diff digamma dist div divide dot dropout dropout_ dsmm dstack einsum embedding
 embedding_renorm_ empty empty_like empty_permuted empty_quantized empty_strided eq erf erf_ erfc erfc_ erfinv exp exp2
 exp2_ exp_ expand_copy expm1 expm1_ eye fake_quantize_per_channel_affine fake_quantize_per_tensor_affine
 fbgemm_linear_fp16_weight fbgemm_linear_fp16_weight_fp32_activation fbgemm_linear_int8_weight
 fbgemm_linear_int8_weight_fp32_activation fbgemm_pack_gemm_matrix_fp16 fbgemm_pack_quantized_matrix
 feature_alpha_dropout feature_alpha_dropout_ feature_dropout feature_dropout_ fill fill_ fix fix_ flatten flip fliplr
 flipud float_power floor floor_ floor_divide fmax fmin fmod frac frac_ frobenius_norm from_dlpack from_file from_numpy
 frombuffer full full_like fused_moving_avg_obs_fake_quant gather gcd gcd_ ge ger get_rng_state greater greater_equal
 grid_sampler grid_sampler_2d grid_sampler_3d group_norm gru_cell gt hamming_window hann_window hardshrink hash_tensor
 heaviside hinge_embedding_loss histc hsmm hspmm hstack hypot i0 i0_ igamma igammac imag index_add index_copy index_fill
 index_put index_put_ index_reduce index_select indices_copy inner instance_norm int_repr inverse isclose isfinite isin
 isinf isnan isneginf isposinf isreal istft kaiser_window kl_div kron layer_norm lcm lcm_ ldexp ldexp_ le lerp less
 less_equal lgamma linspace log log10 log10_ log1p log1p_ log2 log2_ log_ log_softmax logaddexp logaddexp2 logcumsumexp
 logdet logical_and logical_not logical_or logical_xor logit logit_ logspace logsumexp lt lu_solve margin_ranking_loss
 masked_fill masked_scatter masked_select matmul matrix_exp matrix_power matrix_rank max_pool1d max_pool2d max_pool3d
 maximum mean minimum miopen_convolution miopen_convolution_add_relu miopen_convolution_relu
 miopen_convolution_transpose miopen_depthwise_convolution mkldnn_adaptive_avg_pool2d mkldnn_convolution
 mkldnn_max_pool2d mkldnn_max_pool3d mm moveaxis movedim msort mul multinomial multiply mv mvlgamma nan_to_num
 nan_to_num_ nanmean nanquantile nansum narrow narrow_copy native_channel_shuffle native_norm ne neg neg_ negative
 negative_ nextafter nonzero_static norm norm_except_dim normal not_equal nuclear_norm ones ones_like orgqr ormqr outer
 pairwise_distance pdist permute permute_copy pinverse pixel_shuffle pixel_unshuffle poisson poisson_nll_loss polar
 polygamma positive pow prelu prod put q_per_channel_scales q_per_channel_zero_points quantile quantize_per_channel
 quantize_per_tensor_dynamic quantized_batch_norm quantized_gru_cell quantized_max_pool1d quantized_max_pool2d
 quantized_max_pool3d quantized_rnn_relu_cell quantized_rnn_tanh_cell rad2deg rad2deg_ rand rand_like randint
 randint_like randn randn_like randperm range ravel real reciprocal reciprocal_ relu relu_ remainder renorm
 repeat_interleave reshape resize_as_ resize_as_sparse_ resolve_conj resolve_neg rms_norm rnn_relu_cell rnn_tanh_cell
 roll rot90 round round_ row_indices_copy row_stack rrelu rrelu_ rsqrt rsqrt_ rsub saddmm scalar_tensor scatter
 scatter_add scatter_reduce searchsorted segment_reduce select select_copy select_scatter selu selu_ sgn sigmoid
 sigmoid_ sign signbit sin sin_ sinc sinc_ sinh sinh_ slice_copy slice_inverse slice_scatter smm softmax
 sparse_bsc_tensor sparse_bsr_tensor sparse_compressed_tensor sparse_coo_tensor sparse_csc_tensor sparse_csr_tensor spmm
 sqrt sqrt_ square square_ squeeze squeeze_copy sspaddmm stack std stft sub subtract sum swapaxes swapdims t t_copy take
 take_along_dim tan tan_ tanh tanh_ tensor tensordot threshold threshold_ tile trace transpose transpose_copy trapezoid
 trapz tril tril_indices triplet_margin_loss triu triu_indices true_divide trunc trunc_ unflatten unfold_copy unsqueeze
 unsqueeze_copy values_copy vander var vdot view_as_complex view_as_complex_copy view_as_real view_as_real_copy
 view_copy vstack xlogy xlogy_ zero_ zeros zeros_like
T torch.cuda = get_rng_state
T torch.distributions = kl_divergence
T torch.distributions.utils = clamp_probs logits_to_probs probs_to_logits tril_matrix_to_vec vec_to_tril_matrix
T torch.fft = fft fft2 fftfreq fftn fftshift hfft hfft2 hfftn ifft ifft2 ifftn ifftshift ihfft ihfft2 ihfftn irfft
 irfft2 irfftn rfft rfft2 rfftfreq rfftn
T torch.func = debug_unwrap rearrange
T torch.linalg = cholesky cond cross det diagonal eigvals eigvalsh householder_product inv ldl_solve lu_solve matmul
 matrix_exp matrix_norm matrix_power matrix_rank multi_dot norm pinv solve solve_triangular svdvals tensorinv
 tensorsolve vander vecdot vector_norm
T torch.masked = amax amin argmax argmin cumprod cumsum log_softmax logaddexp logsumexp mean median norm normalize prod
 softmax softmin std sum var
T torch.mps = get_rng_state
T torch.nested = as_nested_tensor masked_select narrow nested_tensor nested_tensor_from_jagged
T torch.nn.functional = adaptive_avg_pool2d adaptive_avg_pool3d affine_grid alpha_dropout avg_pool2d avg_pool3d
 batch_norm binary_cross_entropy binary_cross_entropy_with_logits celu cosine_embedding_loss cross_entropy ctc_loss
 dropout dropout1d dropout2d dropout3d elu elu_ embedding embedding_bag feature_alpha_dropout fold gaussian_nll_loss
 gelu glu grid_sample group_norm grouped_mm gumbel_softmax hardsigmoid hardswish hardtanh hardtanh_ hinge_embedding_loss
 huber_loss instance_norm interpolate kl_div l1_loss layer_norm leaky_relu leaky_relu_ linear linear_cross_entropy
 local_response_norm log_softmax logsigmoid lp_pool1d lp_pool2d lp_pool3d margin_ranking_loss max_unpool1d max_unpool2d
 max_unpool3d mish mse_loss multi_margin_loss multilabel_margin_loss multilabel_soft_margin_loss nll_loss normalize
 one_hot pad poisson_nll_loss relu relu6 rms_norm rrelu scaled_dot_product_attention scaled_grouped_mm scaled_mm selu
 sigmoid silu smooth_l1_loss soft_margin_loss softmax softmin softplus softshrink softsign tanh tanhshrink threshold
 triplet_margin_loss triplet_margin_with_distance_loss unfold upsample upsample_bilinear upsample_nearest
T torch.nn.init = constant_ dirac_ eye_ kaiming_normal_ kaiming_uniform_ normal_ ones_ orthogonal_ sparse_ trunc_normal_
 uniform_ xavier_normal_ xavier_uniform_ zeros_
T torch.nn.modules.rnn = apply_permutation
T torch.nn.parallel = data_parallel
T torch.nn.utils = clip_grad_norm clip_grad_norm_ get_total_norm parameters_to_vector
T torch.nn.utils.rnn = pad_sequence
T torch.signal.windows = bartlett blackman cosine exponential gaussian general_cosine general_hamming hamming hann
 kaiser nuttall
T torch.sparse = addmm log_softmax mm sampled_addmm softmax spdiags sum
T torch.special = airy_ai bessel_j0 bessel_j1 bessel_y0 bessel_y1 chebyshev_polynomial_t chebyshev_polynomial_u
 chebyshev_polynomial_v chebyshev_polynomial_w digamma entr erf erfc erfcx erfinv exp2 expit expm1 gammainc gammaincc
 gammaln hermite_polynomial_h hermite_polynomial_he i0 i0e i1 i1e laguerre_polynomial_l legendre_polynomial_p log1p
 log_ndtr log_softmax logit logsumexp modified_bessel_i0 modified_bessel_i1 modified_bessel_k0 modified_bessel_k1
 multigammaln ndtr ndtri polygamma psi round scaled_modified_bessel_k0 scaled_modified_bessel_k1
 shifted_chebyshev_polynomial_t shifted_chebyshev_polynomial_u shifted_chebyshev_polynomial_v
 shifted_chebyshev_polynomial_w sinc softmax spherical_bessel_j0 xlog1py xlogy zeta
T torch.testing = make_tensor
T? torch.nn.utils.rnn = invert_permutation
"""
"""Result, namespace = functions with that result whatever the arguments; * is unknown."""

OVERLOADED_FUNCTIONS = """\
torch.atleast_1d = tensors:t;T tensors:q;S first:*,second:*,*rest;S
torch.atleast_2d = tensors:t;T tensors:q;S first:*,second:*,*rest;S
torch.atleast_3d = tensors:t;T tensors:q;S first:*,second:*,*rest;S
torch.dequantize = input:t;T tensors:q;S
torch.lu = A:t,pivot:b=,get_infos:1,out:-q=;(TTT) A:t,pivot:b=,get_infos:0=,out:-q=;(TT)
torch.max = input:t,*,out:-t=;T input:t,other:t,*,out:-t=;T input:t,dim:n,keepdim:b=,*,out:-qt=;(TT)
torch.median = input:t;T input:t,dim:n,keepdim:b=,*,out:-qt=;(TT)
torch.min = input:t,*,out:-t=;T input:t,other:t,*,out:-t=;T input:t,dim:n,keepdim:b=,*,out:-qt=;(TT)
torch.nanmedian = input:t;T input:t,dim:n,keepdim:b=,*,out:-qt=;(TT)
torch.nn.functional.adaptive_max_pool1d = input:t,output_size:*,return_indices:1;(TT)
 input:t,output_size:*,return_indices:0=;T
torch.nn.functional.adaptive_max_pool2d = input:t,output_size:*,return_indices:1;(TT)
 input:t,output_size:*,return_indices:0=;T
torch.nn.functional.adaptive_max_pool3d = input:t,output_size:*,return_indices:1;(TT)
 input:t,output_size:*,return_indices:0=;T
torch.nn.functional.fractional_max_pool2d =
 input:t,kernel_size:*,output_size:*=,output_ratio:*=,return_indices:1,_random_samples:-t=;(TT)
 input:t,kernel_size:*,output_size:*=,output_ratio:*=,return_indices:0=,_random_samples:-t=;T
torch.nn.functional.fractional_max_pool3d =
 input:t,kernel_size:*,output_size:*=,output_ratio:*=,return_indices:1,_random_samples:-t=;(TT)
 input:t,kernel_size:*,output_size:*=,output_ratio:*=,return_indices:0=,_random_samples:-t=;T
torch.nn.functional.max_pool1d =
 input:t,kernel_size:*,stride:*=,padding:*=,dilation:*=,ceil_mode:b=,return_indices:1;(TT)
 input:t,kernel_size:*,stride:*=,padding:*=,dilation:*=,ceil_mode:b=,return_indices:0=;T
torch.nn.functional.max_pool2d =
 input:t,kernel_size:*,stride:*=,padding:*=,dilation:*=,ceil_mode:b=,return_indices:1;(TT)
 input:t,kernel_size:*,stride:*=,padding:*=,dilation:*=,ceil_mode:b=,return_indices:0=;T
torch.nn.functional.max_pool3d =
 input:t,kernel_size:*,stride:*=,padding:*=,dilation:*=,ceil_mode:b=,return_indices:1;(TT)
 input:t,kernel_size:*,stride:*=,padding:*=,dilation:*=,ceil_mode:b=,return_indices:0=;T
torch.nn.parallel.scatter = inputs:t,target_gpus:q,dim:n=;S inputs:*,target_gpus:q,dim:n=;*
torch.nonzero = input:t,*,as_tuple:0=,out:-t=;T input:t,*,as_tuple:1;S
torch.quantize_per_tensor = input:t,scale:t,zero_point:t,dtype:o;T input:t,scale:n,zero_point:n,dtype:o;T
 tensors:q,scales:t,zero_points:t,dtype:o;S
torch.unique = input:t,sorted:b=,return_inverse:1,return_counts:1,dim:-n=;(TTT)
 input:t,sorted:b=,return_inverse:1,return_counts:0=,dim:-n=;(TT)
 input:t,sorted:b=,return_inverse:0=,return_counts:1,dim:-n=;(TT)
 input:t,sorted:b=,return_inverse:0=,return_counts:0=,dim:-n=;T
torch.unique_consecutive = input:t,return_inverse:1,return_counts:1,dim:-n=;(TTT)
 input:t,return_inverse:1,return_counts:0=,dim:-n=;(TT) input:t,return_inverse:0=,return_counts:1,dim:-n=;(TT)
 input:t,return_inverse:0=,return_counts:0=,dim:-n=;T
torch.where = condition:t;S condition:t,input:t,other:t,*,out:-t=;T condition:t,self:bn,other:t;T
 condition:t,input:t,other:bn;T condition:t,self:bn,other:bn;T
"""
"""Function = overloads, each ``parameters;result``."""

METHODS = """\
(TT) = aminmax cummax cummin eig frexp geqrf histogram kthvalue lstsq mode qr slogdet solve sort symeig topk
 triangular_solve
(TTT) = svd
0 = __setitem__ backward record_stream retain_grad
N = __bool__ __complex__ __contains__ __float__ __index__ __int__ __len__ __long__ __nonzero__ _dimI _dimV _is_view
 _is_zerotensor _nnz allclose data_ptr dense_dim dim element_size equal get_device is_coalesced is_complex is_conj
 is_contiguous is_distributed is_floating_point is_inference is_neg is_nonzero is_pinned is_same_size is_set_to
 is_shared is_signed item ndimension nelement numel q_per_channel_axis q_scale q_zero_point sparse_dim storage_offset
O = __array__ dim_order numpy qscheme register_hook storage storage_type tolist untyped_storage
S = chunk dsplit hsplit split split_with_sizes tensor_split unbind unsafe_chunk unsafe_split unsafe_split_with_sizes
 vsplit
T = __abs__ __add__ __and__ __div__ __eq__ __floordiv__ __ge__ __getitem__ __gt__ __iadd__ __iand__ __idiv__
 __ifloordiv__ __ilshift__ __imod__ __imul__ __invert__ __ior__ __ipow__ __irshift__ __isub__ __itruediv__ __ixor__
 __le__ __lshift__ __lt__ __matmul__ __mod__ __mul__ __ne__ __neg__ __or__ __pos__ __pow__ __radd__ __rand__ __rdiv__
 __reversed__ __rfloordiv__ __rlshift__ __rmatmul__ __rmod__ __rmul__ __ror__ __rpow__ __rrshift__ __rshift__ __rsub__
 __rtruediv__ __rxor__ __sub__ __truediv__ __xor__ _addmm_activation _autocast_to_full_precision
 _autocast_to_reduced_precision _coalesced_ _conj _conj_physical _indices _is_all_true _is_any_true _lazy_clone
 _neg_view _nested_tensor_size _nested_tensor_storage_offsets _nested_tensor_strides _philox_normal_ _philox_uniform_
 _sparse_mask_projection _to_dense _to_sparse _to_sparse_bsc _to_sparse_bsr _to_sparse_csc _to_sparse_csr _values abs
 abs_ absolute absolute_ acos acos_ acosh acosh_ add add_ addbmm addbmm_ addcdiv addcdiv_ addcmul addcmul_ addmm addmm_
 addmv addmv_ addr addr_ adjoint all amax amin angle any apply_ arccos arccos_ arccosh arccosh_ arcsin arcsin_ arcsinh
 arcsinh_ arctan arctan2 arctan2_ arctan_ arctanh arctanh_ argmax argmin argsort argwhere as_strided as_strided_
 as_strided_scatter asin asin_ asinh asinh_ atan atan2 atan2_ atan_ atanh atanh_ baddbmm baddbmm_ bernoulli bernoulli_
 bfloat16 bincount bitwise_and bitwise_and_ bitwise_left_shift bitwise_left_shift_ bitwise_not bitwise_not_ bitwise_or
 bitwise_or_ bitwise_right_shift bitwise_right_shift_ bitwise_xor bitwise_xor_ bmm bool broadcast_to byte cauchy_
 ccol_indices cdouble ceil ceil_ cfloat chalf char cholesky cholesky_inverse cholesky_solve clamp clamp_ clamp_max
 clamp_max_ clamp_min clamp_min_ clip clip_ clone coalesce col_indices conj conj_physical conj_physical_ contiguous
 copy_ copysign copysign_ corrcoef cos cos_ cosh cosh_ count_nonzero cov cpu cross crow_indices cuda cumprod cumprod_
 cumsum cumsum_ deg2rad deg2rad_ dequantize det detach detach_ diag diag_embed diagflat diagonal diagonal_scatter diff
 digamma digamma_ dist div div_ divide divide_ dot double eq eq_ erf erf_ erfc erfc_ erfinv erfinv_ exp exp2 exp2_ exp_
 expand expand_as expm1 expm1_ exponential_ fill_ fill_diagonal_ fix fix_ flatten flip fliplr flipud float float_power
 float_power_ floor floor_ floor_divide floor_divide_ fmax fmin fmod fmod_ frac frac_ gather gcd gcd_ ge ge_ geometric_
 ger greater greater_ greater_equal greater_equal_ gt gt_ half hardshrink hash_tensor heaviside heaviside_ histc hypot
 hypot_ i0 i0_ igamma igamma_ igammac igammac_ index_add index_add_ index_copy index_copy_ index_fill index_fill_
 index_put index_put_ index_reduce index_reduce_ index_select indices inner int int_repr inverse isclose isfinite isinf
 isnan isneginf isposinf isreal istft kron lcm lcm_ ldexp ldexp_ le le_ lerp lerp_ less less_ less_equal less_equal_
 lgamma lgamma_ log log10 log10_ log1p log1p_ log2 log2_ log_ log_normal_ log_softmax logaddexp logaddexp2 logcumsumexp
 logdet logical_and logical_and_ logical_not logical_not_ logical_or logical_or_ logical_xor logical_xor_ logit logit_
 logsumexp long lt lt_ lu_solve map2_ map_ masked_fill masked_fill_ masked_scatter masked_scatter_ masked_select matmul
 matrix_exp matrix_power maximum mean minimum mm moveaxis movedim msort mul mul_ multinomial multiply multiply_ mv
 mvlgamma mvlgamma_ nan_to_num nan_to_num_ nanmean nanquantile nansum narrow narrow_copy ne ne_ neg neg_ negative
 negative_ new new_empty new_empty_strided new_full new_ones new_tensor new_zeros nextafter nextafter_ nonzero_static
 norm normal_ not_equal not_equal_ orgqr ormqr outer permute pin_memory pinverse polygamma polygamma_ positive pow pow_
 prelu prod put put_ q_per_channel_scales q_per_channel_zero_points quantile rad2deg rad2deg_ random_ ravel reciprocal
 reciprocal_ relu relu_ remainder remainder_ renorm renorm_ repeat repeat_interleave requires_grad_ reshape reshape_as
 resize resize_ resize_as resize_as_ resize_as_sparse_ resolve_conj resolve_neg roll rot90 round round_ row_indices
 rsqrt rsqrt_ scatter scatter_ scatter_add scatter_add_ scatter_reduce scatter_reduce_ select select_scatter set_ sgn
 sgn_ share_memory_ short sigmoid sigmoid_ sign sign_ signbit sin sin_ sinc sinc_ sinh sinh_ slice_inverse slice_scatter
 smm softmax sparse_mask sparse_resize_ sparse_resize_and_clear_ sqrt sqrt_ square square_ squeeze squeeze_ sspaddmm std
 stft sub sub_ subtract subtract_ sum sum_to_size swapaxes swapaxes_ swapdims swapdims_ t t_ take take_along_dim tan
 tan_ tanh tanh_ tile to to_dense to_mkldnn to_padded_tensor to_sparse to_sparse_bsc to_sparse_bsr to_sparse_coo
 to_sparse_csc to_sparse_csr trace transpose transpose_ tril tril_ triu triu_ true_divide true_divide_ trunc trunc_
 type_as unflatten unfold uniform_ unsqueeze unsqueeze_ values var vdot view view_as where xlogy xlogy_ xpu zero_
"""
"""Result = methods of Tensor with that result whatever the arguments."""

OVERLOADED_METHODS = """\
lu = pivot:b=,get_infos:1,out:-q=;(TTT) pivot:b=,get_infos:0=,out:-q=;(TT)
max = ;T other:t;T dim:n,keepdim:b=;(TT)
median = ;T dim:n,keepdim:b=;(TT)
min = ;T other:t;T dim:n,keepdim:b=;(TT)
nanmedian = ;T dim:n,keepdim:b=;(TT)
nonzero = *,as_tuple:0=;T *,as_tuple:1;S
size = dim:-=;O dim:n;N
stride = dim:-=;O dim:n;N
type = dtype:-=,non_blocking:b=;O dtype:os,non_blocking:b=;T
unique = sorted:b=,return_inverse:1,return_counts:1,dim:-n=;(TTT)
 sorted:b=,return_inverse:1,return_counts:0=,dim:-n=;(TT) sorted:b=,return_inverse:0=,return_counts:1,dim:-n=;(TT)
 sorted:b=,return_inverse:0=,return_counts:0=,dim:-n=;T
unique_consecutive = return_inverse:1,return_counts:1,dim:-n=;(TTT) return_inverse:1,return_counts:0=,dim:-n=;(TT)
 return_inverse:0=,return_counts:1,dim:-n=;(TT) return_inverse:0=,return_counts:0=,dim:-n=;T
"""
"""Method of Tensor = overloads."""

PROPERTIES = """\
N = _cdata _has_symbolic_sizes_strides _version is_cpu is_cuda is_ipu is_leaf is_maia is_meta is_mkldnn is_mps is_mtia
 is_nested is_quantized is_sparse is_sparse_csr is_vulkan is_xpu itemsize nbytes ndim output_nr requires_grad
 retains_grad
O = device dtype layout shape
O? = grad_dtype grad_fn
T = H T data imag mH mT real
T? = _base _grad grad
"""
"""Result = attributes of Tensor that are no methods."""

CLASSES_AND_CONSTANTS = """\
BUFFER_CLASS torch.nn = Buffer UninitializedBuffer
HOLDER_CLASS torch.distributions = AffineTransform Bernoulli Beta Binomial CatTransform Categorical Cauchy Chi2
 ComposeTransform ContinuousBernoulli CumulativeDistributionTransform Dirichlet Distribution Exponential
 ExponentialFamily FisherSnedecor Gamma GeneralizedPareto Geometric Gumbel HalfCauchy HalfNormal Independent
 IndependentTransform InverseGamma Kumaraswamy LKJCholesky Laplace LogNormal LogisticNormal LowRankMultivariateNormal
 MixtureSameFamily Multinomial MultivariateNormal NegativeBinomial Normal OneHotCategorical
 OneHotCategoricalStraightThrough Pareto Poisson PowerTransform RelaxedBernoulli RelaxedOneHotCategorical StackTransform
 StudentT TransformedDistribution Uniform VonMises Weibull Wishart
HOLDER_CLASS torch.distributions.relaxed_bernoulli = LogitRelaxedBernoulli
HOLDER_CLASS torch.distributions.relaxed_categorical = ExpRelaxedCategorical
HOLDER_CLASS torch.nn.utils.rnn = PackedSequence
HOLDER_CLASS torch.utils.data = TensorDataset
MODULE_CLASS torch.ao.nn.intrinsic = BNReLU2d BNReLU3d ConvAdd2d ConvAddReLU2d ConvBn1d ConvBn2d ConvBn3d ConvBnReLU1d
 ConvBnReLU2d ConvBnReLU3d ConvReLU1d ConvReLU2d ConvReLU3d LinearBn1d LinearLeakyReLU LinearReLU LinearTanh
 _FusedModule
MODULE_CLASS torch.ao.nn.qat = Conv1d Conv2d Conv3d Embedding EmbeddingBag Linear
MODULE_CLASS torch.ao.nn.quantizable = LSTM LSTMCell MultiheadAttention
MODULE_CLASS torch.ao.nn.quantized = BatchNorm2d BatchNorm3d Conv1d Conv2d Conv3d ConvTranspose1d ConvTranspose2d
 ConvTranspose3d DeQuantize Dropout ELU Embedding EmbeddingBag FXFloatFunctional FloatFunctional GroupNorm Hardswish
 InstanceNorm1d InstanceNorm2d InstanceNorm3d LSTM LayerNorm LeakyReLU Linear MultiheadAttention PReLU QFunctional
 Quantize ReLU6 Sigmoid Softmax
MODULE_CLASS torch.ao.nn.quantized.dynamic = Conv1d Conv2d Conv3d ConvTranspose1d ConvTranspose2d ConvTranspose3d GRU
 GRUCell LSTM LSTMCell Linear RNNCell
MODULE_CLASS torch.ao.quantization = AffineQuantizedObserverBase DeQuantStub FakeQuantize FakeQuantizeBase
 FixedQParamsFakeQuantize FixedQParamsObserver FusedMovingAvgObsFakeQuantize HistogramObserver MinMaxObserver
 MovingAverageMinMaxObserver MovingAveragePerChannelMinMaxObserver NoopObserver ObserverBase PerChannelMinMaxObserver
 PlaceholderObserver QuantStub QuantWrapper RecordingObserver ReuseInputObserver UniformQuantizationObserverBase
 _DerivedObserverOrFakeQuantize default_debug_observer default_placeholder_observer default_reuse_input_observer
MODULE_CLASS torch.distributed.fsdp = FullyShardedDataParallel
MODULE_CLASS torch.fx = GraphModule
MODULE_CLASS torch.jit = ONNXTracedModule RecursiveScriptModule ScriptModule TopLevelTracedModule TracedModule
MODULE_CLASS torch.nn = AdaptiveAvgPool1d AdaptiveAvgPool2d AdaptiveAvgPool3d AdaptiveLogSoftmaxWithLoss
 AdaptiveMaxPool1d AdaptiveMaxPool2d AdaptiveMaxPool3d AlphaDropout AvgPool1d AvgPool2d AvgPool3d BCELoss
 BCEWithLogitsLoss BatchNorm1d BatchNorm2d BatchNorm3d Bilinear CELU CTCLoss ChannelShuffle CircularPad1d CircularPad2d
 CircularPad3d ConstantPad1d ConstantPad2d ConstantPad3d Container Conv1d Conv2d Conv3d ConvTranspose1d ConvTranspose2d
 ConvTranspose3d CosineEmbeddingLoss CosineSimilarity CrossEntropyLoss CrossMapLRN2d DataParallel Dropout Dropout1d
 Dropout2d Dropout3d ELU Embedding EmbeddingBag FeatureAlphaDropout Flatten Fold FractionalMaxPool2d FractionalMaxPool3d
 GELU GLU GRU GRUCell GaussianNLLLoss GroupNorm Hardshrink Hardsigmoid Hardswish Hardtanh HingeEmbeddingLoss HuberLoss
 Identity InstanceNorm1d InstanceNorm2d InstanceNorm3d KLDivLoss L1Loss LPPool1d LPPool2d LPPool3d LSTM LSTMCell
 LayerNorm LazyBatchNorm1d LazyBatchNorm2d LazyBatchNorm3d LazyConv1d LazyConv2d LazyConv3d LazyConvTranspose1d
 LazyConvTranspose2d LazyConvTranspose3d LazyInstanceNorm1d LazyInstanceNorm2d LazyInstanceNorm3d LazyLinear LeakyReLU
 Linear LinearCrossEntropyLoss LocalResponseNorm LogSigmoid LogSoftmax MSELoss MarginRankingLoss MaxPool1d MaxPool2d
 MaxPool3d MaxUnpool1d MaxUnpool2d MaxUnpool3d Mish Module ModuleDict ModuleList MultiLabelMarginLoss
 MultiLabelSoftMarginLoss MultiMarginLoss MultiheadAttention NLLLoss NLLLoss2d PReLU PairwiseDistance ParameterDict
 ParameterList PixelShuffle PixelUnshuffle PoissonNLLLoss RMSNorm RNN RNNBase RNNCell RNNCellBase RReLU ReLU ReLU6
 ReflectionPad1d ReflectionPad2d ReflectionPad3d ReplicationPad1d ReplicationPad2d ReplicationPad3d SELU Sequential SiLU
 Sigmoid SmoothL1Loss SoftMarginLoss Softmax Softmax2d Softmin Softplus Softshrink Softsign SyncBatchNorm Tanh
 Tanhshrink Threshold Transformer TransformerDecoder TransformerDecoderLayer TransformerEncoder TransformerEncoderLayer
 TripletMarginLoss TripletMarginWithDistanceLoss Unflatten Unfold Upsample UpsamplingBilinear2d UpsamplingNearest2d
 ZeroPad1d ZeroPad2d ZeroPad3d
MODULE_CLASS torch.nn.modules.batchnorm = _BatchNorm _LazyNormBase _NormBase
MODULE_CLASS torch.nn.modules.conv = _ConvNd _ConvTransposeMixin _ConvTransposeNd
MODULE_CLASS torch.nn.modules.dropout = _DropoutNd
MODULE_CLASS torch.nn.modules.instancenorm = _InstanceNorm
MODULE_CLASS torch.nn.modules.linear = NonDynamicallyQuantizableLinear
MODULE_CLASS torch.nn.modules.loss = _Loss _WeightedLoss
MODULE_CLASS torch.nn.modules.padding = _CircularPadNd _ConstantPadNd _ReflectionPadNd _ReplicationPadNd
MODULE_CLASS torch.nn.modules.pooling = _AdaptiveAvgPoolNd _AdaptiveMaxPoolNd _AvgPoolNd _LPPoolNd _MaxPoolNd
 _MaxUnpoolNd
MODULE_CLASS torch.nn.parallel = DistributedDataParallel DistributedDataParallelCPU
MODULE_CLASS torch.nn.utils.parametrizations = _Orthogonal _SpectralNorm _WeightNorm
MODULE_CLASS torch.nn.utils.parametrize = ParametrizationList
MODULE_CLASS torch.optim.swa_utils = AveragedModel
NUMBER torch = e inf nan pi
OTHER torch = __version__ bfloat16 bit bits16 bits1x8 bits2x4 bits4x2 bits8 bool cdouble cfloat chalf channels_last
 channels_last_3d complex128 complex32 complex64 contiguous_format default_generator double float float16 float32
 float4_e2m1fn_x2 float64 float8_e4m3fn float8_e4m3fnuz float8_e5m2 float8_e5m2fnuz float8_e8m0fnu half int int1 int16
 int2 int3 int32 int4 int5 int6 int64 int7 int8 jagged legacy_contiguous_format long per_channel_affine
 per_channel_affine_float_qparams per_channel_symmetric per_tensor_affine per_tensor_symmetric preserve_format qint32
 qint8 quint2x4 quint4x2 quint8 short sparse_bsc sparse_bsr sparse_coo sparse_csc sparse_csr strided uint1 uint16 uint2
 uint3 uint32 uint4 uint5 uint6 uint64 uint7 uint8
OTHER_CLASS torch = AcceleratorError BFloat16Storage BoolStorage ByteStorage CharStorage CompilationUnit
 ComplexDoubleStorage ComplexFloatStorage DisableTorchFunction DisableTorchFunctionSubclass DoubleStorage Event
 FatalError FloatStorage Generator GradScaler HalfStorage IntStorage JITException LongStorage OutOfMemoryError
 QInt32Storage QInt8Storage QUInt2x4Storage QUInt4x2Storage QUInt8Storage ScriptFunction ShortStorage Size Storage
 StorageBase Stream SymBool SymFloat SymInt TypedStorage UntypedStorage autocast device dtype enable_grad finfo iinfo
 inference_mode layout memory_format no_grad qscheme set_grad_enabled
OTHER_CLASS torch.accelerator = Graph device_index
OTHER_CLASS torch.ao.quantization = Granularity MappingType PerAxis PerBlock PerGroup PerRow PerTensor PerToken QConfig
 QConfigDynamic QConfigMapping QuantType TorchAODType ZeroPointDomain
OTHER_CLASS torch.autograd = Function NestedIOFunction detect_anomaly enforce_grad_layout_policy set_detect_anomaly
 set_multithreading_enabled
OTHER_CLASS torch.autograd.function = BackwardCFunction FunctionCtx FunctionMeta InplaceFunction
OTHER_CLASS torch.cpu = Event Stream StreamContext
OTHER_CLASS torch.cuda = BFloat16Storage BoolStorage ByteStorage CUDAGraph CUDAPluggableAllocator CharStorage
 ComplexDoubleStorage ComplexFloatStorage CudaError DeferredCudaCallError DoubleStorage Event ExternalStream
 FloatStorage GreenContext HalfStorage IntStorage LongStorage MemPool ShortStorage Stream StreamContext cudaStatus
 device device_of graph
OTHER_CLASS torch.cuda.amp = GradScaler autocast
OTHER_CLASS torch.distributed.fsdp = BackwardPrefetch CPUOffload CPUOffloadPolicy DataParallelMeshDims FSDPModule
 FullOptimStateDictConfig FullStateDictConfig LocalOptimStateDictConfig LocalStateDictConfig MixedPrecision
 MixedPrecisionPolicy OffloadPolicy OptimStateDictConfig OptimStateKeyType ShardedOptimStateDictConfig
 ShardedStateDictConfig ShardingStrategy StateDictConfig StateDictSettings StateDictType UnshardHandle
OTHER_CLASS torch.distributions = AbsTransform CorrCholeskyTransform ExpTransform LowerCholeskyTransform
 PositiveDefiniteTransform ReshapeTransform SigmoidTransform SoftmaxTransform SoftplusTransform StickBreakingTransform
 TanhTransform Transform
OTHER_CLASS torch.distributions.constraint_registry = ConstraintRegistry
OTHER_CLASS torch.distributions.constraints = Constraint MixtureSameFamilyConstraint cat dependent_property greater_than
 greater_than_eq half_open_interval independent integer_interval interval less_than multinomial stack
OTHER_CLASS torch.distributions.utils = lazy_property
OTHER_CLASS torch.fx = CodeGen Graph Interpreter Node Proxy ProxyableClassMeta Tracer Transformer
OTHER_CLASS torch.jit = Attribute Error Future RecursiveScriptClass ScriptWarning TracerWarning TracingCheckError
 strict_fusion
OTHER_CLASS torch.linalg = LinAlgError
OTHER_CLASS torch.mps = Event
OTHER_CLASS torch.nested = DType Device
OTHER_CLASS torch.nn = LinearCrossEntropyOptions
OTHER_CLASS torch.nn.attention = SDPAParams SDPBackend
OTHER_CLASS torch.nn.functional = ScalingType SwizzleType
OTHER_CLASS torch.nn.modules.batchnorm = sync_batch_norm
OTHER_CLASS torch.nn.modules.lazy = LazyModuleMixin
OTHER_CLASS torch.nn.modules.module = BackwardHook RemovableHandle
OTHER_CLASS torch.nn.parallel.distributed = Join JoinHook Joinable RRef ReduceOp
OTHER_CLASS torch.nn.parameter = UninitializedTensorMixin
OTHER_CLASS torch.nn.utils.parametrize = OpaqueBase
OTHER_CLASS torch.nn.utils.rnn = PackedSequence_
OTHER_CLASS torch.optim = ASGD Adadelta Adafactor Adagrad Adam AdamW Adamax LBFGS Muon NAdam Optimizer RAdam RMSprop
 Rprop SGD SparseAdam
OTHER_CLASS torch.optim.lr_scheduler = ChainedScheduler ConstantLR CosineAnnealingLR CosineAnnealingWarmRestarts
 CyclicLR ExponentialLR LRScheduler LambdaLR LinearLR MultiStepLR MultiplicativeLR OneCycleLR PolynomialLR
 ReduceLROnPlateau SequentialLR StepLR
OTHER_CLASS torch.optim.swa_utils = SWALR
OTHER_CLASS torch.overrides = BaseTorchFunctionMode TorchFunctionMode
OTHER_CLASS torch.quasirandom = SobolEngine
OTHER_CLASS torch.serialization = LoadEndianness SourceChangeWarning StorageType safe_globals set_default_mmap_options
 skip_data
OTHER_CLASS torch.sparse = check_sparse_tensor_invariants
OTHER_CLASS torch.types = Storage
OTHER_CLASS torch.utils.checkpoint = CheckpointError CheckpointFunction CheckpointPolicy DefaultDeviceType
 GraphExecGroup LoggingTensorMode SelectiveCheckpointContext TorchDispatchMode
OTHER_CLASS torch.utils.data = BatchSampler ChainDataset ConcatDataset DFIterDataPipe DataChunk DataLoader Dataset
 DistributedSampler IterDataPipe IterableDataset MapDataPipe RandomSampler Sampler SequentialSampler StackDataset Subset
 SubsetRandomSampler WeightedRandomSampler functional_datapipe guaranteed_datapipes_determinism non_deterministic
 runtime_validation_disabled
OTHER_CLASS torch.utils.data.dataloader = ExceptionWrapper
OTHER_CLASS torch.utils.dlpack = DLDeviceType
PARAMETER_CLASS torch.nn = Parameter UninitializedParameter
TENSOR_CLASS torch = BFloat16Tensor BoolTensor ByteTensor CharTensor DoubleTensor FloatTensor HalfTensor IntTensor
 LongTensor ShortTensor Tensor
TENSOR_CLASS torch.autograd = Variable
TENSOR_CLASS torch.cuda = BFloat16Tensor BoolTensor ByteTensor CharTensor DoubleTensor FloatTensor HalfTensor IntTensor
 LongTensor ShortTensor
TENSOR_CLASS torch.distributed.fsdp = FlatParameter
TENSOR_CLASS torch.masked = MaskedTensor
TENSOR_CLASS torch.sparse = BFloat16Tensor ByteTensor CharTensor DoubleTensor FloatTensor HalfTensor IntTensor
 LongTensor ShortTensor SparseSemiStructuredTensor SparseSemiStructuredTensorCUSPARSELT
 SparseSemiStructuredTensorCUTLASS
"""
"""Kind, namespace = names of that kind."""

NAMESPACES = """\
all = torch torch._tensor torch.accelerator torch.amp torch.ao.nn.intrinsic torch.ao.nn.qat torch.ao.nn.quantizable
 torch.ao.nn.quantized torch.ao.nn.quantized.dynamic torch.ao.quantization torch.autograd torch.autograd.function
 torch.autograd.functional torch.cpu torch.cuda torch.cuda.amp torch.distributed torch.distributed.fsdp
 torch.distributions torch.distributions.bernoulli torch.distributions.beta torch.distributions.binomial
 torch.distributions.categorical torch.distributions.cauchy torch.distributions.chi2
 torch.distributions.constraint_registry torch.distributions.constraints torch.distributions.continuous_bernoulli
 torch.distributions.dirichlet torch.distributions.distribution torch.distributions.exp_family
 torch.distributions.exponential torch.distributions.fishersnedecor torch.distributions.gamma
 torch.distributions.generalized_pareto torch.distributions.geometric torch.distributions.gumbel
 torch.distributions.half_cauchy torch.distributions.half_normal torch.distributions.independent
 torch.distributions.inverse_gamma torch.distributions.kl torch.distributions.kumaraswamy torch.distributions.laplace
 torch.distributions.lkj_cholesky torch.distributions.log_normal torch.distributions.logistic_normal
 torch.distributions.lowrank_multivariate_normal torch.distributions.mixture_same_family torch.distributions.multinomial
 torch.distributions.multivariate_normal torch.distributions.negative_binomial torch.distributions.normal
 torch.distributions.one_hot_categorical torch.distributions.pareto torch.distributions.poisson
 torch.distributions.relaxed_bernoulli torch.distributions.relaxed_categorical torch.distributions.studentT
 torch.distributions.transformed_distribution torch.distributions.transforms torch.distributions.uniform
 torch.distributions.utils torch.distributions.von_mises torch.distributions.weibull torch.distributions.wishart
 torch.fft torch.func torch.functional torch.fx torch.jit torch.linalg torch.masked torch.mps torch.nested torch.nn
 torch.nn.attention torch.nn.functional torch.nn.init torch.nn.modules torch.nn.modules.activation
 torch.nn.modules.adaptive torch.nn.modules.batchnorm torch.nn.modules.channelshuffle torch.nn.modules.container
 torch.nn.modules.conv torch.nn.modules.distance torch.nn.modules.dropout torch.nn.modules.flatten torch.nn.modules.fold
 torch.nn.modules.instancenorm torch.nn.modules.lazy torch.nn.modules.linear torch.nn.modules.linear_cross_entropy
 torch.nn.modules.linear_cross_entropy_options torch.nn.modules.loss torch.nn.modules.module
 torch.nn.modules.normalization torch.nn.modules.padding torch.nn.modules.pixelshuffle torch.nn.modules.pooling
 torch.nn.modules.rnn torch.nn.modules.sparse torch.nn.modules.transformer torch.nn.modules.upsampling
 torch.nn.modules.utils torch.nn.parallel torch.nn.parallel.distributed torch.nn.parameter torch.nn.utils
 torch.nn.utils.parametrizations torch.nn.utils.parametrize torch.nn.utils.rnn torch.optim torch.optim.adadelta
 torch.optim.adagrad torch.optim.adam torch.optim.adamax torch.optim.adamw torch.optim.asgd torch.optim.lbfgs
 torch.optim.lr_scheduler torch.optim.nadam torch.optim.optimizer torch.optim.radam torch.optim.rmsprop
 torch.optim.rprop torch.optim.sgd torch.optim.sparse_adam torch.optim.swa_utils torch.overrides torch.quasirandom
 torch.random torch.serialization torch.signal.windows torch.sparse torch.special torch.testing torch.types
 torch.utils.checkpoint torch.utils.data torch.utils.data.dataloader torch.utils.data.dataset
 torch.utils.data.distributed torch.utils.data.sampler torch.utils.dlpack
"""
"""Python modules whose names the tables hold."""

ALIASES = """\
torch._tensor torch = Tensor
torch._tensor torch.autograd = has_torch_function
torch._tensor torch.functional = has_torch_function_unary has_torch_function_variadic
torch._tensor torch.overrides = handle_torch_function
torch.amp torch = GradScaler autocast
torch.ao.nn.quantized torch.nn = MaxPool2d
torch.ao.quantization torch = Tensor
torch.autograd torch = enable_grad inference_mode no_grad set_grad_enabled
torch.autograd torch.overrides = handle_torch_function is_tensor_like
torch.autograd.function torch.autograd = Function NestedIOFunction
torch.cuda torch = AcceleratorError OutOfMemoryError classproperty
torch.distributions.bernoulli torch.distributions = Bernoulli
torch.distributions.beta torch.distributions = Beta
torch.distributions.binomial torch.distributions = Binomial
torch.distributions.categorical torch.distributions = Categorical
torch.distributions.cauchy torch.distributions = Cauchy
torch.distributions.chi2 torch.distributions = Chi2
torch.distributions.continuous_bernoulli torch.distributions = ContinuousBernoulli
torch.distributions.dirichlet torch.distributions = Dirichlet
torch.distributions.distribution torch.distributions = Distribution
torch.distributions.exp_family torch.distributions = ExponentialFamily
torch.distributions.exponential torch.distributions = Exponential
torch.distributions.fishersnedecor torch.distributions = FisherSnedecor
torch.distributions.gamma torch.distributions = Gamma
torch.distributions.generalized_pareto torch.distributions = GeneralizedPareto
torch.distributions.geometric torch.distributions = Geometric
torch.distributions.gumbel torch.distributions = Gumbel
torch.distributions.half_cauchy torch.distributions = HalfCauchy
torch.distributions.half_normal torch.distributions = HalfNormal
torch.distributions.independent torch.distributions = Independent
torch.distributions.inverse_gamma torch.distributions = InverseGamma
torch.distributions.kl torch.distributions = kl_divergence register_kl
torch.distributions.kumaraswamy torch.distributions = Kumaraswamy
torch.distributions.laplace torch.distributions = Laplace
torch.distributions.lkj_cholesky torch.distributions = LKJCholesky
torch.distributions.log_normal torch.distributions = LogNormal
torch.distributions.logistic_normal torch.distributions = LogisticNormal
torch.distributions.lowrank_multivariate_normal torch.distributions = LowRankMultivariateNormal
torch.distributions.mixture_same_family torch.distributions = MixtureSameFamily
torch.distributions.multinomial torch.distributions = Multinomial
torch.distributions.multivariate_normal torch.distributions = MultivariateNormal
torch.distributions.negative_binomial torch.distributions = NegativeBinomial
torch.distributions.normal torch.distributions = Normal
torch.distributions.one_hot_categorical torch.distributions = OneHotCategorical OneHotCategoricalStraightThrough
torch.distributions.pareto torch.distributions = Pareto
torch.distributions.poisson torch.distributions = Poisson
torch.distributions.relaxed_bernoulli torch.distributions = RelaxedBernoulli
torch.distributions.relaxed_categorical torch.distributions = RelaxedOneHotCategorical
torch.distributions.studentT torch.distributions = StudentT
torch.distributions.transformed_distribution torch.distributions = TransformedDistribution
torch.distributions.transforms torch.distributions = AbsTransform AffineTransform CatTransform ComposeTransform
 CorrCholeskyTransform CumulativeDistributionTransform ExpTransform IndependentTransform LowerCholeskyTransform
 PositiveDefiniteTransform PowerTransform ReshapeTransform SigmoidTransform SoftmaxTransform SoftplusTransform
 StackTransform StickBreakingTransform TanhTransform Transform
torch.distributions.uniform torch.distributions = Uniform
torch.distributions.von_mises torch.distributions = VonMises
torch.distributions.weibull torch.distributions = Weibull
torch.distributions.wishart torch.distributions = Wishart
torch.fft torch = Tensor
torch.func torch = vmap
torch.functional torch = Tensor atleast_1d atleast_2d atleast_3d block_diag broadcast_shapes broadcast_tensors
 cartesian_prod cdist chain_matmul einsum istft lu meshgrid norm pca_lowrank split stft svd_lowrank tensordot unique
 unique_consecutive unravel_index
torch.functional torch.autograd = has_torch_function
torch.functional torch.overrides = handle_torch_function
torch.jit torch = CompilationUnit ScriptFunction
torch.mps torch = Tensor
torch.nested torch = SymInt Tensor
torch.nn.functional torch = Tensor adaptive_avg_pool1d avg_pool1d bilinear celu_ channel_shuffle conv1d conv2d conv3d
 conv_tbc conv_transpose1d conv_transpose2d conv_transpose3d cosine_similarity hardshrink native_channel_shuffle
 pairwise_distance pdist pixel_shuffle pixel_unshuffle prelu relu_ rrelu_ selu_ threshold_
torch.nn.functional torch.autograd = has_torch_function
torch.nn.functional torch.functional = boolean_dispatch has_torch_function_unary has_torch_function_variadic
torch.nn.functional torch.overrides = handle_torch_function
torch.nn.init torch = Tensor
torch.nn.modules torch.nn = AdaptiveAvgPool1d AdaptiveAvgPool2d AdaptiveAvgPool3d AdaptiveLogSoftmaxWithLoss
 AdaptiveMaxPool1d AdaptiveMaxPool2d AdaptiveMaxPool3d AlphaDropout AvgPool1d AvgPool2d AvgPool3d BCELoss
 BCEWithLogitsLoss BatchNorm1d BatchNorm2d BatchNorm3d Bilinear CELU CTCLoss ChannelShuffle CircularPad1d CircularPad2d
 CircularPad3d ConstantPad1d ConstantPad2d ConstantPad3d Container Conv1d Conv2d Conv3d ConvTranspose1d ConvTranspose2d
 ConvTranspose3d CosineEmbeddingLoss CosineSimilarity CrossEntropyLoss CrossMapLRN2d Dropout Dropout1d Dropout2d
 Dropout3d ELU Embedding EmbeddingBag FeatureAlphaDropout Flatten Fold FractionalMaxPool2d FractionalMaxPool3d GELU GLU
 GRU GRUCell GaussianNLLLoss GroupNorm Hardshrink Hardsigmoid Hardswish Hardtanh HingeEmbeddingLoss HuberLoss Identity
 InstanceNorm1d InstanceNorm2d InstanceNorm3d KLDivLoss L1Loss LPPool1d LPPool2d LPPool3d LSTM LSTMCell LayerNorm
 LazyBatchNorm1d LazyBatchNorm2d LazyBatchNorm3d LazyConv1d LazyConv2d LazyConv3d LazyConvTranspose1d
 LazyConvTranspose2d LazyConvTranspose3d LazyInstanceNorm1d LazyInstanceNorm2d LazyInstanceNorm3d LazyLinear LeakyReLU
 Linear LinearCrossEntropyLoss LinearCrossEntropyOptions LocalResponseNorm LogSigmoid LogSoftmax MSELoss
 MarginRankingLoss MaxPool1d MaxPool2d MaxPool3d MaxUnpool1d MaxUnpool2d MaxUnpool3d Mish Module ModuleDict ModuleList
 MultiLabelMarginLoss MultiLabelSoftMarginLoss MultiMarginLoss MultiheadAttention NLLLoss NLLLoss2d PReLU
 PairwiseDistance ParameterDict ParameterList PixelShuffle PixelUnshuffle PoissonNLLLoss RMSNorm RNN RNNBase RNNCell
 RNNCellBase RReLU ReLU ReLU6 ReflectionPad1d ReflectionPad2d ReflectionPad3d ReplicationPad1d ReplicationPad2d
 ReplicationPad3d SELU Sequential SiLU Sigmoid SmoothL1Loss SoftMarginLoss Softmax Softmax2d Softmin Softplus Softshrink
 Softsign SyncBatchNorm Tanh Tanhshrink Threshold Transformer TransformerDecoder TransformerDecoderLayer
 TransformerEncoder TransformerEncoderLayer TripletMarginLoss TripletMarginWithDistanceLoss Unflatten Unfold Upsample
 UpsamplingBilinear2d UpsamplingNearest2d ZeroPad1d ZeroPad2d ZeroPad3d
torch.nn.modules.activation torch = Tensor
torch.nn.modules.activation torch.nn = CELU ELU GELU GLU Hardshrink Hardsigmoid Hardswish Hardtanh LeakyReLU LogSigmoid
 LogSoftmax Mish Module MultiheadAttention PReLU Parameter RReLU ReLU ReLU6 SELU SiLU Sigmoid Softmax Softmax2d Softmin
 Softplus Softshrink Softsign Tanh Tanhshrink Threshold
torch.nn.modules.activation torch.nn.init = constant_ xavier_normal_ xavier_uniform_
torch.nn.modules.activation torch.nn.modules.linear = NonDynamicallyQuantizableLinear
torch.nn.modules.adaptive torch = Tensor
torch.nn.modules.adaptive torch.nn = AdaptiveLogSoftmaxWithLoss Linear Module ModuleList Sequential
torch.nn.modules.batchnorm torch = Tensor
torch.nn.modules.batchnorm torch.nn = BatchNorm1d BatchNorm2d BatchNorm3d LazyBatchNorm1d LazyBatchNorm2d
 LazyBatchNorm3d Module Parameter SyncBatchNorm UninitializedBuffer UninitializedParameter
torch.nn.modules.batchnorm torch.nn.modules.lazy = LazyModuleMixin
torch.nn.modules.channelshuffle torch = Tensor
torch.nn.modules.channelshuffle torch.nn = ChannelShuffle Module
torch.nn.modules.container torch.nn = Container Module ModuleDict ModuleList Parameter ParameterDict ParameterList
 Sequential
torch.nn.modules.conv torch = Tensor
torch.nn.modules.conv torch.nn = Conv1d Conv2d Conv3d ConvTranspose1d ConvTranspose2d ConvTranspose3d LazyConv1d
 LazyConv2d LazyConv3d LazyConvTranspose1d LazyConvTranspose2d LazyConvTranspose3d Module Parameter
 UninitializedParameter
torch.nn.modules.conv torch.nn.modules.lazy = LazyModuleMixin
torch.nn.modules.distance torch = Tensor
torch.nn.modules.distance torch.nn = CosineSimilarity Module PairwiseDistance
torch.nn.modules.dropout torch = Tensor
torch.nn.modules.dropout torch.nn = AlphaDropout Dropout Dropout1d Dropout2d Dropout3d FeatureAlphaDropout Module
torch.nn.modules.flatten torch = Tensor
torch.nn.modules.flatten torch.nn = Flatten Module Unflatten
torch.nn.modules.fold torch = Tensor
torch.nn.modules.fold torch.nn = Fold Module Unfold
torch.nn.modules.instancenorm torch = Tensor
torch.nn.modules.instancenorm torch.nn = InstanceNorm1d InstanceNorm2d InstanceNorm3d LazyInstanceNorm1d
 LazyInstanceNorm2d LazyInstanceNorm3d
torch.nn.modules.instancenorm torch.nn.modules.batchnorm = _LazyNormBase _NormBase
torch.nn.modules.lazy torch.nn.parameter = is_lazy
torch.nn.modules.linear torch = Tensor
torch.nn.modules.linear torch.nn = Bilinear Identity LazyLinear Linear Module Parameter UninitializedParameter
torch.nn.modules.linear torch.nn.modules.lazy = LazyModuleMixin
torch.nn.modules.linear_cross_entropy_options torch.nn = LinearCrossEntropyOptions
torch.nn.modules.loss torch = Tensor
torch.nn.modules.loss torch.nn = BCELoss BCEWithLogitsLoss CTCLoss CosineEmbeddingLoss CrossEntropyLoss GaussianNLLLoss
 HingeEmbeddingLoss HuberLoss KLDivLoss L1Loss Linear LinearCrossEntropyLoss LinearCrossEntropyOptions MSELoss
 MarginRankingLoss Module MultiLabelMarginLoss MultiLabelSoftMarginLoss MultiMarginLoss NLLLoss NLLLoss2d
 PairwiseDistance PoissonNLLLoss SmoothL1Loss SoftMarginLoss TripletMarginLoss TripletMarginWithDistanceLoss
torch.nn.modules.module torch = Tensor device dtype
torch.nn.modules.module torch.nn = Buffer Module Parameter
torch.nn.modules.normalization torch = Size Tensor
torch.nn.modules.normalization torch.nn = CrossMapLRN2d GroupNorm LayerNorm LocalResponseNorm Module Parameter RMSNorm
torch.nn.modules.padding torch = Tensor
torch.nn.modules.padding torch.nn = CircularPad1d CircularPad2d CircularPad3d ConstantPad1d ConstantPad2d ConstantPad3d
 Module ReflectionPad1d ReflectionPad2d ReflectionPad3d ReplicationPad1d ReplicationPad2d ReplicationPad3d ZeroPad1d
 ZeroPad2d ZeroPad3d
torch.nn.modules.pixelshuffle torch = Tensor
torch.nn.modules.pixelshuffle torch.nn = Module PixelShuffle PixelUnshuffle
torch.nn.modules.pooling torch = Tensor
torch.nn.modules.pooling torch.nn = AdaptiveAvgPool1d AdaptiveAvgPool2d AdaptiveAvgPool3d AdaptiveMaxPool1d
 AdaptiveMaxPool2d AdaptiveMaxPool3d AvgPool1d AvgPool2d AvgPool3d FractionalMaxPool2d FractionalMaxPool3d LPPool1d
 LPPool2d LPPool3d MaxPool1d MaxPool2d MaxPool3d MaxUnpool1d MaxUnpool2d MaxUnpool3d Module
torch.nn.modules.rnn torch = Tensor
torch.nn.modules.rnn torch.nn = GRU GRUCell LSTM LSTMCell Module Parameter RNN RNNBase RNNCell RNNCellBase
torch.nn.modules.rnn torch.nn.utils.rnn = PackedSequence
torch.nn.modules.sparse torch = Tensor
torch.nn.modules.sparse torch.nn = Embedding EmbeddingBag Module Parameter
torch.nn.modules.transformer torch = Tensor
torch.nn.modules.transformer torch.nn = Dropout LayerNorm Linear Module ModuleList MultiheadAttention Transformer
 TransformerDecoder TransformerDecoderLayer TransformerEncoder TransformerEncoderLayer
torch.nn.modules.transformer torch.nn.init = xavier_uniform_
torch.nn.modules.upsampling torch = Tensor
torch.nn.modules.upsampling torch.nn = Module Upsample UpsamplingBilinear2d UpsamplingNearest2d
torch.nn.parallel torch.nn = DataParallel
torch.nn.parallel.distributed torch.autograd = Function Variable
torch.nn.parallel.distributed torch.nn = Module
torch.nn.parallel.distributed torch.nn.parallel = DistributedDataParallel gather
torch.nn.parameter torch.nn = Buffer Parameter UninitializedBuffer UninitializedParameter
torch.nn.utils.parametrizations torch = Tensor
torch.nn.utils.parametrizations torch.nn = Module
torch.nn.utils.parametrize torch = Tensor
torch.nn.utils.parametrize torch.nn = Module ModuleDict ModuleList Parameter
torch.nn.utils.parametrize torch.nn.modules.module = is_traceable_wrapper_subclass
torch.nn.utils.rnn torch = Tensor
torch.optim.adadelta torch.optim = Adadelta
torch.optim.adagrad torch.optim = Adagrad
torch.optim.adam torch.optim = Adam
torch.optim.adamax torch.optim = Adamax
torch.optim.adamw torch.optim = AdamW
torch.optim.asgd torch.optim = ASGD
torch.optim.lbfgs torch.optim = LBFGS
torch.optim.nadam torch.optim = NAdam
torch.optim.optimizer torch.optim = Optimizer
torch.optim.radam torch.optim = RAdam
torch.optim.rmsprop torch.optim = RMSprop
torch.optim.rprop torch.optim = Rprop
torch.optim.sgd torch.optim = SGD
torch.optim.sparse_adam torch.optim = SparseAdam
torch.overrides torch.autograd = has_torch_function
torch.overrides torch.functional = has_torch_function_unary has_torch_function_variadic
torch.random torch = get_rng_state initial_seed manual_seed seed set_rng_state thread_safe_generator
torch.serialization torch = load save
torch.serialization torch.types = Storage
torch.sparse torch = Tensor
torch.special torch = Tensor
torch.types torch = Size SymBool SymFloat SymInt Tensor
torch.utils.data.dataloader torch.utils.data = BatchSampler DataLoader Dataset IterDataPipe IterableDataset MapDataPipe
 RandomSampler Sampler SequentialSampler default_collate default_convert get_worker_info
torch.utils.data.dataset torch = Generator Tensor randperm
torch.utils.data.dataset torch.utils.data = ChainDataset ConcatDataset Dataset IterableDataset StackDataset Subset
 TensorDataset random_split
torch.utils.data.distributed torch.utils.data = Dataset DistributedSampler Sampler
torch.utils.data.sampler torch.utils.data = BatchSampler RandomSampler Sampler SequentialSampler SubsetRandomSampler
 WeightedRandomSampler
torch.utils.dlpack torch = from_dlpack to_dlpack
"""
"""Namespace, canonical namespace = names that the two share."""

FUNCTION_STORAGE = """\
fresh torch = abs absolute acos acosh add addbmm addcdiv addcmul addmm addmv addr affine_grid_generator alias_copy all
 amax amin aminmax angle any arange arccos arccosh arcsin arcsinh arctan arctan2 arctanh argmax argmin argsort argwhere
 as_strided_copy as_strided_scatter asin asinh atan atan2 atanh avg_pool1d baddbmm bartlett_window batch_norm
 batch_norm_backward_elemt batch_norm_backward_reduce batch_norm_elemt batch_norm_gather_stats
 batch_norm_gather_stats_with_counts batch_norm_stats batch_norm_update_stats bernoulli bilinear
 binary_cross_entropy_with_logits bincount binomial bitwise_and bitwise_left_shift bitwise_not bitwise_or
 bitwise_right_shift bitwise_xor blackman_window block_diag bmm bucketize cat ccol_indices_copy cdist ceil celu
 channel_shuffle cholesky cholesky_inverse cholesky_solve clamp clamp_max clamp_min clip clone col_indices_copy
 column_stack combinations complex concat concatenate constant_pad_nd conv1d conv2d conv3d conv_tbc conv_transpose1d
 conv_transpose2d conv_transpose3d convolution copysign corrcoef cos cosh cosine_similarity count_nonzero cov cross
 crow_indices_copy cummax cummin cumprod cumsum cumulative_trapezoid deg2rad det detach_copy diag diag_embed diagflat
 diagonal_copy diagonal_scatter digamma dist div divide dot dstack embedding empty empty_like empty_permuted
 empty_quantized empty_strided eq erf erfc erfinv exp exp2 expand_copy expm1 eye fill fix flip fliplr flipud float_power
 floor floor_divide fmax fmin fmod frac frexp full full_like gather gcd ge geqrf ger greater greater_equal grid_sampler
 grid_sampler_2d grid_sampler_3d group_norm gt hamming_window hann_window hardshrink hash_tensor heaviside histc
 histogram hspmm hstack hypot i0 igamma igammac index_add index_copy index_fill index_reduce index_select indices_copy
 inner int_repr inverse isclose isfinite isin isinf isnan isneginf isposinf isreal kaiser_window kron kthvalue
 layer_norm lcm ldexp le lerp less less_equal lgamma linspace log log10 log1p log2 log_softmax logaddexp logaddexp2
 logcumsumexp logdet logical_and logical_not logical_or logical_xor logit logspace logsumexp lt lu_solve lu_unpack
 masked_fill masked_scatter masked_select matmul matrix_exp matrix_power max max_pool1d max_pool2d max_pool3d maximum
 mean median min minimum mm mode msort mul multinomial multiply mv mvlgamma nan_to_num nanmean nanmedian nanquantile
 nansum narrow_copy ne neg negative nextafter nonzero nonzero_static norm normal not_equal ones ones_like ormqr outer
 pairwise_distance permute_copy pinverse pixel_shuffle pixel_unshuffle poisson polar polygamma pow prelu prod put
 q_per_channel_scales q_per_channel_zero_points qr quantile rad2deg rand rand_like randint randint_like randn randn_like
 randperm range reciprocal relu remainder renorm repeat_interleave rms_norm roll rot90 round row_indices_copy row_stack
 rsqrt rsub scalar_tensor scatter scatter_add scatter_reduce searchsorted segment_reduce select_copy select_scatter selu
 sgn sigmoid sign signbit sin sinc sinh slice_copy slice_scatter slogdet softmax sort sqrt square squeeze_copy stack std
 std_mean sub subtract sum svd t_copy take take_along_dim tan tanh tensor tensordot threshold tile topk trace
 transpose_copy trapezoid trapz triangular_solve tril tril_indices triplet_margin_loss triu triu_indices true_divide
 trunc unfold_copy unique unique_consecutive unsqueeze_copy values_copy vander var var_mean vdot view_as_complex_copy
 view_as_real_copy view_copy vstack where xlogy zeros zeros_like
fresh torch.fft = fft fft2 fftfreq fftn fftshift hfft hfft2 hfftn ifft ifft2 ifftn ifftshift ihfft ihfft2 ihfftn irfft
 irfft2 irfftn rfft rfft2 rfftfreq rfftn
fresh torch.linalg = cholesky cholesky_ex cond cross det eig eigh eigvals eigvalsh householder_product inv inv_ex
 ldl_factor ldl_factor_ex ldl_solve lstsq lu lu_factor lu_factor_ex lu_solve matmul matrix_exp matrix_norm matrix_power
 matrix_rank multi_dot norm pinv qr slogdet solve solve_ex solve_triangular svd svdvals tensorinv tensorsolve vander
 vecdot vector_norm
fresh torch.nn.functional = avg_pool2d avg_pool3d gelu linear log_softmax normalize one_hot pad
 scaled_dot_product_attention sigmoid softmax softplus softshrink softsign tanh
fresh torch.signal.windows = bartlett blackman cosine exponential gaussian general_cosine general_hamming hamming hann
 kaiser nuttall
fresh torch.special = airy_ai bessel_j0 bessel_j1 bessel_y0 bessel_y1 chebyshev_polynomial_t chebyshev_polynomial_u
 chebyshev_polynomial_v chebyshev_polynomial_w digamma entr erf erfc erfcx erfinv exp2 expit expm1 gammainc gammaincc
 gammaln hermite_polynomial_h hermite_polynomial_he i0 i0e i1 i1e laguerre_polynomial_l legendre_polynomial_p log1p
 log_ndtr log_softmax logit logsumexp modified_bessel_i0 modified_bessel_i1 modified_bessel_k0 modified_bessel_k1
 multigammaln ndtr ndtri polygamma psi round scaled_modified_bessel_k0 scaled_modified_bessel_k1
 shifted_chebyshev_polynomial_t shifted_chebyshev_polynomial_u shifted_chebyshev_polynomial_v
 shifted_chebyshev_polynomial_w sinc softmax spherical_bessel_j0 xlog1py xlogy zeta
maybe-same torch = alpha_dropout as_tensor asarray atleast_1d atleast_2d atleast_3d broadcast_tensors cartesian_prod
 chain_matmul conj_physical dropout einsum feature_alpha_dropout feature_dropout flatten meshgrid ravel reshape
 resolve_conj resolve_neg
view torch = abs_ acos_ acosh_ addmv_ adjoint alpha_dropout_ arccos_ arccosh_ arcsin_ arcsinh_ arctan_ arctanh_
 as_strided as_strided_ asin_ asinh_ atan_ atanh_ broadcast_to ceil_ celu_ chunk clamp_ clamp_max_ clamp_min_ clip_ conj
 conj_physical_ cos_ cosh_ deg2rad_ detach detach_ diagonal dropout_ dsplit embedding_renorm_ erf_ erfc_ exp2_ exp_
 expm1_ feature_alpha_dropout_ feature_dropout_ fill_ fix_ floor_ frac_ from_dlpack from_file from_numpy frombuffer gcd_
 hsplit i0_ imag index_put_ lcm_ ldexp_ log10_ log1p_ log2_ log_ logit_ moveaxis movedim nan_to_num_ narrow neg_
 negative_ permute positive rad2deg_ real reciprocal_ relu_ resize_as_ resize_as_sparse_ round_ rrelu_ rsqrt_ select
 selu_ sigmoid_ sin_ sinc_ sinh_ slice_inverse split split_with_sizes sqrt_ square_ squeeze swapaxes swapdims t tan_
 tanh_ tensor_split threshold_ transpose trunc_ unbind unflatten unsqueeze view_as_complex view_as_real vsplit xlogy_
 zero_
view torch.linalg = diagonal
view torch.nn.functional = elu_ hardtanh_ leaky_relu_
view torch.nn.init = constant_ dirac_ eye_ kaiming_normal_ kaiming_uniform_ normal_ ones_ orthogonal_ sparse_
 trunc_normal_ uniform_ xavier_normal_ xavier_uniform_ zeros_
"""
"""Storage, namespace = functions whose tensors lie there."""

METHOD_STORAGE = """\
fresh = __abs__ __add__ __and__ __div__ __eq__ __floordiv__ __ge__ __gt__ __invert__ __le__ __lshift__ __lt__ __matmul__
 __mod__ __mul__ __ne__ __neg__ __or__ __pow__ __radd__ __rdiv__ __reversed__ __rfloordiv__ __rlshift__ __rmatmul__
 __rmod__ __rmul__ __rpow__ __rrshift__ __rshift__ __rsub__ __rtruediv__ __sub__ __truediv__ __xor__ abs absolute acos
 acosh add addbmm addcdiv addcmul addmm addmv addr all amax amin aminmax angle any arccos arccosh arcsin arcsinh arctan
 arctan2 arctanh argmax argmin argsort argwhere as_strided_scatter asin asinh atan atan2 atanh baddbmm bernoulli
 bincount bitwise_and bitwise_left_shift bitwise_not bitwise_or bitwise_right_shift bitwise_xor bmm ceil cholesky
 cholesky_inverse cholesky_solve clamp clamp_max clamp_min clip clone copysign corrcoef cos cosh count_nonzero cov cross
 cummax cummin cumprod cumsum deg2rad det diag diag_embed diagflat diagonal_scatter digamma dist div divide dot eq erf
 erfc erfinv exp exp2 expm1 fix flip fliplr flipud float_power floor floor_divide fmax fmin fmod frac frexp gather gcd
 ge geqrf ger greater greater_equal gt hardshrink hash_tensor heaviside histc histogram hypot i0 igamma igammac
 index_add index_copy index_fill index_reduce index_select inner int_repr inverse isclose isfinite isinf isnan isneginf
 isposinf isreal kron kthvalue lcm ldexp le lerp less less_equal lgamma log log10 log1p log2 log_softmax logaddexp
 logaddexp2 logcumsumexp logdet logical_and logical_not logical_or logical_xor logit logsumexp lt lu_solve masked_fill
 masked_scatter masked_select matmul matrix_exp matrix_power max maximum mean median min minimum mm mode msort mul
 multinomial multiply mv mvlgamma nan_to_num nanmean nanmedian nanquantile nansum narrow_copy ne neg negative new_empty
 new_empty_strided new_full new_ones new_tensor new_zeros nextafter nonzero nonzero_static norm not_equal ormqr outer
 pinverse polygamma pow prelu prod put q_per_channel_scales q_per_channel_zero_points qr quantile rad2deg reciprocal
 relu remainder renorm repeat repeat_interleave roll rot90 round rsqrt scatter scatter_add scatter_reduce select_scatter
 sgn sigmoid sign signbit sin sinc sinh slice_scatter slogdet softmax sort sqrt square std sub subtract sum svd take
 take_along_dim tan tanh tile to_mkldnn to_padded_tensor topk trace triangular_solve tril triu true_divide trunc unique
 unique_consecutive var vdot where xlogy
maybe-same = __getitem__ bfloat16 bool byte cdouble cfloat chalf char coalesce conj_physical contiguous cpu cuda double
 flatten float half int long pin_memory ravel reshape reshape_as resolve_conj resolve_neg short sum_to_size to to_dense
 to_sparse_coo type type_as xpu
view = __iadd__ __iand__ __idiv__ __ifloordiv__ __ilshift__ __imod__ __imul__ __ior__ __ipow__ __irshift__ __isub__
 __itruediv__ __ixor__ abs_ absolute_ acos_ acosh_ add_ addbmm_ addcdiv_ addcmul_ addmm_ addmv_ addr_ adjoint apply_
 arccos_ arccosh_ arcsin_ arcsinh_ arctan2_ arctan_ arctanh_ as_strided as_strided_ asin_ asinh_ atan2_ atan_ atanh_
 baddbmm_ bernoulli_ bitwise_and_ bitwise_left_shift_ bitwise_not_ bitwise_or_ bitwise_right_shift_ bitwise_xor_
 broadcast_to cauchy_ ccol_indices ceil_ chunk clamp_ clamp_max_ clamp_min_ clip_ col_indices conj conj_physical_ copy_
 copysign_ cos_ cosh_ crow_indices cumprod_ cumsum_ deg2rad_ detach detach_ diagonal digamma_ div_ divide_ dsplit eq_
 erf_ erfc_ erfinv_ exp2_ exp_ expand expand_as expm1_ exponential_ fill_ fill_diagonal_ fix_ float_power_ floor_
 floor_divide_ fmod_ frac_ gcd_ ge_ geometric_ greater_ greater_equal_ gt_ heaviside_ hsplit hypot_ i0_ igamma_ igammac_
 index_add_ index_copy_ index_fill_ index_put_ index_reduce_ indices lcm_ ldexp_ le_ lerp_ less_ less_equal_ lgamma_
 log10_ log1p_ log2_ log_ log_normal_ logical_and_ logical_not_ logical_or_ logical_xor_ logit_ lt_ map2_ map_
 masked_fill_ masked_scatter_ moveaxis movedim mul_ multiply_ mvlgamma_ nan_to_num_ narrow ne_ neg_ negative_ nextafter_
 normal_ not_equal_ permute polygamma_ positive pow_ put_ rad2deg_ random_ reciprocal_ relu_ remainder_ renorm_
 requires_grad_ resize_ resize_as_ resize_as_sparse_ round_ row_indices rsqrt_ scatter_ scatter_add_ scatter_reduce_
 select set_ sgn_ share_memory_ sigmoid_ sign_ sin_ sinc_ sinh_ slice_inverse sparse_resize_ sparse_resize_and_clear_
 split split_with_sizes sqrt_ square_ squeeze squeeze_ sub_ subtract_ swapaxes swapaxes_ swapdims swapdims_ t t_ tan_
 tanh_ tensor_split transpose transpose_ tril_ triu_ true_divide_ trunc_ unbind unflatten unfold uniform_ unsqueeze
 unsqueeze_ values view view_as vsplit xlogy_ zero_
"""
"""Storage = methods of Tensor whose tensors lie there."""

PROPERTY_STORAGE = """\
view = H T data grad imag mH mT real
"""
"""Storage = attributes of Tensor."""

FACTORIES = """\
torch = arange bartlett_window blackman_window empty empty_permuted empty_strided eye from_file from_numpy frombuffer
 full hamming_window hann_window kaiser_window linspace logspace normal ones rand randint randn randperm range
 scalar_tensor sparse_coo_tensor tensor tril_indices triu_indices zeros
torch.fft = fftfreq rfftfreq
torch.signal.windows = bartlett blackman cosine exponential gaussian general_cosine general_hamming hamming hann kaiser
 nuttall
"""
"""Namespace = functions that make a tensor out of no other."""

FIELDS = """\
torch.aminmax = min max
torch.cummax = values indices
torch.cummin = values indices
torch.frexp = mantissa exponent
torch.geqrf = a tau
torch.histogram = hist bin_edges
torch.histogramdd = hist bin_edges
torch.kthvalue = values indices
torch.linalg.cholesky_ex = L info
torch.linalg.eig = eigenvalues eigenvectors
torch.linalg.eigh = eigenvalues eigenvectors
torch.linalg.inv_ex = inverse info
torch.linalg.ldl_factor = LD pivots
torch.linalg.ldl_factor_ex = LD pivots info
torch.linalg.lstsq = solution residuals rank singular_values
torch.linalg.lu = P L U
torch.linalg.lu_factor = LU pivots
torch.linalg.lu_factor_ex = LU pivots info
torch.linalg.qr = Q R
torch.linalg.slogdet = sign logabsdet
torch.linalg.solve_ex = result info
torch.linalg.svd = U S Vh
torch.lu_unpack = P L U
torch.max = values indices
torch.median = values indices
torch.min = values indices
torch.mode = values indices
torch.nanmedian = values indices
torch.qr = Q R
torch.slogdet = sign logabsdet
torch.sort = values indices
torch.svd = U S V
torch.topk = values indices
torch.triangular_solve = solution cloned_coefficient
"""
"""Function = names of the members of the tuple that it returns."""

MODULE_NAMES = """\
all = T_destination _apply _backward_hooks _backward_pre_hooks _buffers _call_impl _compiled_call_impl _forward_hooks
 _forward_hooks_always_called _forward_hooks_with_kwargs _forward_pre_hooks _forward_pre_hooks_with_kwargs
 _get_backward_hooks _get_backward_pre_hooks _get_name _is_full_backward_hook _load_from_state_dict
 _load_state_dict_post_hooks _load_state_dict_pre_hooks _maybe_warn_non_full_backward_hook _modules _named_members
 _non_persistent_buffers_set _parameters _register_load_state_dict_pre_hook _register_state_dict_hook
 _replicate_for_data_parallel _save_to_state_dict _slow_forward _state_dict_hooks _state_dict_pre_hooks _version
 _wrapped_call_impl add_module apply bfloat16 buffers call_super_init children compile cpu cuda double dump_patches eval
 extra_repr float forward get_buffer get_extra_state get_parameter get_submodule half ipu load_state_dict modules mtia
 named_buffers named_children named_modules named_parameters parameters register_backward_hook register_buffer
 register_forward_hook register_forward_pre_hook register_full_backward_hook register_full_backward_pre_hook
 register_load_state_dict_post_hook register_load_state_dict_pre_hook register_module register_parameter
 register_state_dict_post_hook register_state_dict_pre_hook requires_grad_ set_extra_state set_submodule share_memory
 state_dict to to_empty train training type xpu zero_grad
"""
"""The names that nn.Module defines."""

MODULE_ATTRIBUTES = """\
torch.nn.AdaptiveAvgPool1d = | | | | output_size
torch.nn.AdaptiveAvgPool2d = | | | | output_size
torch.nn.AdaptiveAvgPool3d = | | | | output_size
torch.nn.AdaptiveLogSoftmaxWithLoss = _get_full_log_prob log_prob predict reset_parameters | | | head tail | cutoffs
 div_value head_bias head_size in_features n_classes n_clusters shortlist_size
torch.nn.AdaptiveMaxPool1d = | | | | output_size return_indices
torch.nn.AdaptiveMaxPool2d = | | | | output_size return_indices
torch.nn.AdaptiveMaxPool3d = | | | | output_size return_indices
torch.nn.AlphaDropout = | | | | inplace p
torch.nn.AvgPool1d = | | | | ceil_mode count_include_pad kernel_size padding stride
torch.nn.AvgPool2d = | | | | ceil_mode count_include_pad divisor_override kernel_size padding stride
torch.nn.AvgPool3d = | | | | ceil_mode count_include_pad divisor_override kernel_size padding stride
torch.nn.BCELoss = | | weight | | reduction
torch.nn.BCEWithLogitsLoss = | | pos_weight weight | | reduction
torch.nn.BatchNorm1d = _check_input_dim reset_parameters reset_running_stats | bias weight | num_batches_tracked
 running_mean running_var | | affine eps momentum num_features track_running_stats
torch.nn.BatchNorm2d = _check_input_dim reset_parameters reset_running_stats | bias weight | num_batches_tracked
 running_mean running_var | | affine eps momentum num_features track_running_stats
torch.nn.BatchNorm3d = _check_input_dim reset_parameters reset_running_stats | bias weight | num_batches_tracked
 running_mean running_var | | affine eps momentum num_features track_running_stats
torch.nn.Bilinear = reset_parameters | bias weight | | | in1_features in2_features out_features
torch.nn.CELU = | | | | alpha inplace
torch.nn.CTCLoss = | | | | blank reduction zero_infinity
torch.nn.ChannelShuffle = | | | | groups
torch.nn.CircularPad1d = _check_input_dim | | | | padding
torch.nn.CircularPad2d = _check_input_dim | | | | padding
torch.nn.CircularPad3d = _check_input_dim | | | | padding
torch.nn.ConstantPad1d = | | | | padding value
torch.nn.ConstantPad2d = | | | | padding value
torch.nn.ConstantPad3d = | | | | padding value
torch.nn.Container = | | | |
torch.nn.Conv1d = _conv_forward reset_parameters | bias weight | | | _reversed_padding_repeated_twice dilation groups
 in_channels kernel_size out_channels output_padding padding padding_mode stride transposed
torch.nn.Conv2d = _conv_forward reset_parameters | bias weight | | | _reversed_padding_repeated_twice dilation groups
 in_channels kernel_size out_channels output_padding padding padding_mode stride transposed
torch.nn.Conv3d = _conv_forward reset_parameters | bias weight | | | _reversed_padding_repeated_twice dilation groups
 in_channels kernel_size out_channels output_padding padding padding_mode stride transposed
torch.nn.ConvTranspose1d = _conv_forward _output_padding reset_parameters | bias weight | | |
 _reversed_padding_repeated_twice dilation groups in_channels kernel_size out_channels output_padding padding
 padding_mode stride transposed
torch.nn.ConvTranspose2d = _conv_forward _output_padding reset_parameters | bias weight | | |
 _reversed_padding_repeated_twice dilation groups in_channels kernel_size out_channels output_padding padding
 padding_mode stride transposed
torch.nn.ConvTranspose3d = _conv_forward _output_padding reset_parameters | bias weight | | |
 _reversed_padding_repeated_twice dilation groups in_channels kernel_size out_channels output_padding padding
 padding_mode stride transposed
torch.nn.CosineEmbeddingLoss = | | | | margin reduction
torch.nn.CosineSimilarity = | | | | dim eps
torch.nn.CrossEntropyLoss = | | weight | | ignore_index label_smoothing reduction
torch.nn.CrossMapLRN2d = | | | | alpha beta k size
torch.nn.DataParallel = gather parallel_apply replicate scatter | | | | device_ids module
torch.nn.Dropout = | | | | inplace p
torch.nn.Dropout1d = | | | | inplace p
torch.nn.Dropout2d = | | | | inplace p
torch.nn.Dropout3d = | | | | inplace p
torch.nn.ELU = | | | | alpha inplace
torch.nn.Embedding = _fill_padding_idx_with_zero from_pretrained reset_parameters | weight | | | embedding_dim max_norm
 norm_type num_embeddings padding_idx scale_grad_by_freq sparse
torch.nn.EmbeddingBag = _fill_padding_idx_with_zero from_pretrained reset_parameters | weight | | | embedding_dim
 include_last_offset max_norm mode norm_type num_embeddings padding_idx scale_grad_by_freq sparse
torch.nn.FeatureAlphaDropout = | | | | inplace p
torch.nn.Flatten = | | | | end_dim start_dim
torch.nn.Fold = | | | | dilation kernel_size output_size padding stride
torch.nn.FractionalMaxPool2d = | | _random_samples | | kernel_size output_ratio output_size return_indices
torch.nn.FractionalMaxPool3d = | | _random_samples | | kernel_size output_ratio output_size return_indices
torch.nn.GELU = | | | | approximate
torch.nn.GLU = | | | | dim
torch.nn.GRU = _init_flat_weights _update_flat_weights _weights_have_changed all_weights check_forward_args
 check_hidden_size check_input flatten_parameters get_expected_hidden_size permute_hidden reset_parameters | bias_hh_l0
 bias_ih_l0 weight_hh_l0 weight_ih_l0 | | | _all_weights _flat_weight_refs _flat_weights _flat_weights_names batch_first
 bias bidirectional dropout hidden_size input_size mode num_layers proj_size
torch.nn.GRUCell = reset_parameters | bias_hh bias_ih weight_hh weight_ih | | | bias hidden_size input_size
torch.nn.GaussianNLLLoss = | | | | eps full reduction
torch.nn.GroupNorm = reset_parameters | bias weight | | | affine eps num_channels num_groups
torch.nn.Hardshrink = | | | | lambd
torch.nn.Hardsigmoid = | | | | inplace
torch.nn.Hardswish = | | | | inplace
torch.nn.Hardtanh = | | | | inplace max_val min_val
torch.nn.HingeEmbeddingLoss = | | | | margin reduction
torch.nn.HuberLoss = | | | | delta reduction
torch.nn.Identity = | | | |
torch.nn.InstanceNorm1d = _apply_instance_norm _check_input_dim _get_no_batch_dim _handle_no_batch_input
 reset_parameters reset_running_stats | bias weight | num_batches_tracked running_mean running_var | | affine eps
 momentum num_features track_running_stats
torch.nn.InstanceNorm2d = _apply_instance_norm _check_input_dim _get_no_batch_dim _handle_no_batch_input
 reset_parameters reset_running_stats | bias weight | num_batches_tracked running_mean running_var | | affine eps
 momentum num_features track_running_stats
torch.nn.InstanceNorm3d = _apply_instance_norm _check_input_dim _get_no_batch_dim _handle_no_batch_input
 reset_parameters reset_running_stats | bias weight | num_batches_tracked running_mean running_var | | affine eps
 momentum num_features track_running_stats
torch.nn.KLDivLoss = | | | | log_target reduction
torch.nn.L1Loss = | | | | reduction
torch.nn.LPPool1d = | | | | ceil_mode kernel_size norm_type stride
torch.nn.LPPool2d = | | | | ceil_mode kernel_size norm_type stride
torch.nn.LPPool3d = | | | | ceil_mode kernel_size norm_type stride
torch.nn.LSTM = _init_flat_weights _update_flat_weights _weights_have_changed all_weights check_forward_args
 check_hidden_size check_input flatten_parameters get_expected_cell_size get_expected_hidden_size permute_hidden
 reset_parameters | bias_hh_l0 bias_ih_l0 weight_hh_l0 weight_ih_l0 | | | _all_weights _flat_weight_refs _flat_weights
 _flat_weights_names batch_first bias bidirectional dropout hidden_size input_size mode num_layers proj_size
torch.nn.LSTMCell = reset_parameters | bias_hh bias_ih weight_hh weight_ih | | | bias hidden_size input_size
torch.nn.LayerNorm = reset_parameters | bias weight | | | elementwise_affine eps normalized_shape
torch.nn.LazyBatchNorm1d = _check_input_dim _infer_parameters _lazy_load_hook cls_to_become has_uninitialized_params
 initialize_parameters reset_parameters reset_running_stats | bias weight | num_batches_tracked running_mean running_var
 | | _initialize_hook _load_hook affine eps momentum num_features track_running_stats
torch.nn.LazyBatchNorm2d = _check_input_dim _infer_parameters _lazy_load_hook cls_to_become has_uninitialized_params
 initialize_parameters reset_parameters reset_running_stats | bias weight | num_batches_tracked running_mean running_var
 | | _initialize_hook _load_hook affine eps momentum num_features track_running_stats
torch.nn.LazyBatchNorm3d = _check_input_dim _infer_parameters _lazy_load_hook cls_to_become has_uninitialized_params
 initialize_parameters reset_parameters reset_running_stats | bias weight | num_batches_tracked running_mean running_var
 | | _initialize_hook _load_hook affine eps momentum num_features track_running_stats
torch.nn.LazyConv1d = _conv_forward _get_in_channels _get_num_spatial_dims _infer_parameters _lazy_load_hook
 cls_to_become has_uninitialized_params initialize_parameters reset_parameters | bias weight | | | _initialize_hook
 _load_hook _reversed_padding_repeated_twice dilation groups in_channels kernel_size out_channels output_padding padding
 padding_mode stride transposed
torch.nn.LazyConv2d = _conv_forward _get_in_channels _get_num_spatial_dims _infer_parameters _lazy_load_hook
 cls_to_become has_uninitialized_params initialize_parameters reset_parameters | bias weight | | | _initialize_hook
 _load_hook _reversed_padding_repeated_twice dilation groups in_channels kernel_size out_channels output_padding padding
 padding_mode stride transposed
torch.nn.LazyConv3d = _conv_forward _get_in_channels _get_num_spatial_dims _infer_parameters _lazy_load_hook
 cls_to_become has_uninitialized_params initialize_parameters reset_parameters | bias weight | | | _initialize_hook
 _load_hook _reversed_padding_repeated_twice dilation groups in_channels kernel_size out_channels output_padding padding
 padding_mode stride transposed
torch.nn.LazyConvTranspose1d = _conv_forward _get_in_channels _get_num_spatial_dims _infer_parameters _lazy_load_hook
 _output_padding cls_to_become has_uninitialized_params initialize_parameters reset_parameters | bias weight | | |
 _initialize_hook _load_hook _reversed_padding_repeated_twice dilation groups in_channels kernel_size out_channels
 output_padding padding padding_mode stride transposed
torch.nn.LazyConvTranspose2d = _conv_forward _get_in_channels _get_num_spatial_dims _infer_parameters _lazy_load_hook
 _output_padding cls_to_become has_uninitialized_params initialize_parameters reset_parameters | bias weight | | |
 _initialize_hook _load_hook _reversed_padding_repeated_twice dilation groups in_channels kernel_size out_channels
 output_padding padding padding_mode stride transposed
torch.nn.LazyConvTranspose3d = _conv_forward _get_in_channels _get_num_spatial_dims _infer_parameters _lazy_load_hook
 _output_padding cls_to_become has_uninitialized_params initialize_parameters reset_parameters | bias weight | | |
 _initialize_hook _load_hook _reversed_padding_repeated_twice dilation groups in_channels kernel_size out_channels
 output_padding padding padding_mode stride transposed
torch.nn.LazyInstanceNorm1d = _apply_instance_norm _check_input_dim _get_no_batch_dim _handle_no_batch_input
 _infer_parameters _lazy_load_hook cls_to_become has_uninitialized_params initialize_parameters reset_parameters
 reset_running_stats | bias weight | num_batches_tracked running_mean running_var | | _initialize_hook _load_hook affine
 eps momentum num_features track_running_stats
torch.nn.LazyInstanceNorm2d = _apply_instance_norm _check_input_dim _get_no_batch_dim _handle_no_batch_input
 _infer_parameters _lazy_load_hook cls_to_become has_uninitialized_params initialize_parameters reset_parameters
 reset_running_stats | bias weight | num_batches_tracked running_mean running_var | | _initialize_hook _load_hook affine
 eps momentum num_features track_running_stats
torch.nn.LazyInstanceNorm3d = _apply_instance_norm _check_input_dim _get_no_batch_dim _handle_no_batch_input
 _infer_parameters _lazy_load_hook cls_to_become has_uninitialized_params initialize_parameters reset_parameters
 reset_running_stats | bias weight | num_batches_tracked running_mean running_var | | _initialize_hook _load_hook affine
 eps momentum num_features track_running_stats
torch.nn.LazyLinear = _infer_parameters _lazy_load_hook cls_to_become has_uninitialized_params initialize_parameters
 reset_parameters | bias weight | | | _initialize_hook _load_hook in_features out_features
torch.nn.LeakyReLU = | | | | inplace negative_slope
torch.nn.Linear = reset_parameters | bias weight | | | in_features out_features
torch.nn.LinearCrossEntropyLoss = | | weight | linear | ignore_index label_smoothing num_classes options out_features
 reduction
torch.nn.LocalResponseNorm = | | | | alpha beta k size
torch.nn.LogSigmoid = | | | |
torch.nn.LogSoftmax = | | | | dim
torch.nn.MSELoss = | | | | reduction
torch.nn.MarginRankingLoss = | | | | margin reduction
torch.nn.MaxPool1d = | | | | ceil_mode dilation kernel_size padding return_indices stride
torch.nn.MaxPool2d = | | | | ceil_mode dilation kernel_size padding return_indices stride
torch.nn.MaxPool3d = | | | | ceil_mode dilation kernel_size padding return_indices stride
torch.nn.MaxUnpool1d = | | | | kernel_size padding stride
torch.nn.MaxUnpool2d = | | | | kernel_size padding stride
torch.nn.MaxUnpool3d = | | | | kernel_size padding stride
torch.nn.Mish = | | | | inplace
torch.nn.ModuleDict = clear items keys pop update values | | | |
torch.nn.ModuleList = _get_abs_string_index append extend insert pop | | | |
torch.nn.MultiLabelMarginLoss = | | | | reduction
torch.nn.MultiLabelSoftMarginLoss = | | weight | | reduction
torch.nn.MultiMarginLoss = | | weight | | margin p reduction
torch.nn.MultiheadAttention = _reset_parameters merge_masks | in_proj_bias in_proj_weight k_proj_weight q_proj_weight
 v_proj_weight | | out_proj | _qkv_same_embed_dim add_zero_attn batch_first bias_k bias_v dropout embed_dim head_dim
 kdim num_heads vdim
torch.nn.NLLLoss = | | weight | | ignore_index reduction
torch.nn.NLLLoss2d = | | weight | | ignore_index reduction
torch.nn.PReLU = reset_parameters | weight | | | init num_parameters
torch.nn.PairwiseDistance = | | | | eps keepdim norm
torch.nn.ParameterDict = _key_to_attr clear copy fromkeys get items keys pop popitem setdefault update values | | | |
 _keys
torch.nn.ParameterList = _get_abs_string_index append extend | | | | _size
torch.nn.PixelShuffle = | | | | upscale_factor
torch.nn.PixelUnshuffle = | | | | downscale_factor
torch.nn.PoissonNLLLoss = | | | | eps full log_input reduction
torch.nn.RMSNorm = reset_parameters | weight | | | elementwise_affine eps normalized_shape
torch.nn.RNN = _init_flat_weights _update_flat_weights _weights_have_changed all_weights check_forward_args
 check_hidden_size check_input flatten_parameters get_expected_hidden_size permute_hidden reset_parameters | bias_hh_l0
 bias_ih_l0 weight_hh_l0 weight_ih_l0 | | | _all_weights _flat_weight_refs _flat_weights _flat_weights_names batch_first
 bias bidirectional dropout hidden_size input_size mode nonlinearity num_layers proj_size
torch.nn.RNNBase = _init_flat_weights _update_flat_weights _weights_have_changed all_weights check_forward_args
 check_hidden_size check_input flatten_parameters get_expected_hidden_size permute_hidden reset_parameters | bias_hh_l0
 bias_ih_l0 weight_hh_l0 weight_ih_l0 | | | _all_weights _flat_weight_refs _flat_weights _flat_weights_names batch_first
 bias bidirectional dropout hidden_size input_size mode num_layers proj_size
torch.nn.RNNCell = reset_parameters | bias_hh bias_ih weight_hh weight_ih | | | bias hidden_size input_size nonlinearity
torch.nn.RNNCellBase = reset_parameters | bias_hh bias_ih weight_hh weight_ih | | | bias hidden_size input_size
torch.nn.RReLU = | | | | inplace lower upper
torch.nn.ReLU = | | | | inplace
torch.nn.ReLU6 = | | | | inplace max_val min_val
torch.nn.ReflectionPad1d = | | | | padding
torch.nn.ReflectionPad2d = | | | | padding
torch.nn.ReflectionPad3d = | | | | padding
torch.nn.ReplicationPad1d = | | | | padding
torch.nn.ReplicationPad2d = | | | | padding
torch.nn.ReplicationPad3d = | | | | padding
torch.nn.SELU = | | | | inplace
torch.nn.Sequential = _get_item_by_idx append extend insert pop | | | |
torch.nn.SiLU = | | | | inplace
torch.nn.Sigmoid = | | | |
torch.nn.SmoothL1Loss = | | | | beta reduction
torch.nn.SoftMarginLoss = | | | | reduction
torch.nn.Softmax = | | | | dim
torch.nn.Softmax2d = | | | |
torch.nn.Softmin = | | | | dim
torch.nn.Softplus = | | | | beta threshold
torch.nn.Softshrink = | | | | lambd
torch.nn.Softsign = | | | |
torch.nn.SyncBatchNorm = _check_input_dim _check_non_zero_input_channels convert_sync_batchnorm reset_parameters
 reset_running_stats | bias weight | num_batches_tracked running_mean running_var | | affine eps momentum num_features
 process_group track_running_stats
torch.nn.Tanh = | | | |
torch.nn.Tanhshrink = | | | |
torch.nn.Threshold = | | | | inplace threshold value
torch.nn.Transformer = _reset_parameters generate_square_subsequent_mask | | | decoder encoder | batch_first d_model
 nhead
torch.nn.TransformerDecoder = | | | layers | norm num_layers
torch.nn.TransformerDecoderLayer = _ff_block _mha_block _sa_block | | | dropout dropout1 dropout2 dropout3 linear1
 linear2 multihead_attn norm1 norm2 norm3 self_attn | activation norm_first
torch.nn.TransformerEncoder = | | | layers | enable_nested_tensor mask_check norm num_layers use_nested_tensor
torch.nn.TransformerEncoderLayer = _ff_block _sa_block | | | dropout dropout1 dropout2 linear1 linear2 norm1 norm2
 self_attn | activation activation_relu_or_gelu norm_first
torch.nn.TripletMarginLoss = | | | | eps margin p reduction swap
torch.nn.TripletMarginWithDistanceLoss = | | | distance_function | margin reduction swap
torch.nn.Unflatten = _require_tuple_int | | | | dim unflattened_size
torch.nn.Unfold = | | | | dilation kernel_size padding stride
torch.nn.Upsample = | | | | align_corners mode name recompute_scale_factor scale_factor size
torch.nn.UpsamplingBilinear2d = | | | | align_corners mode name recompute_scale_factor scale_factor size
torch.nn.UpsamplingNearest2d = | | | | align_corners mode name recompute_scale_factor scale_factor size
torch.nn.ZeroPad1d = | | | | padding value
torch.nn.ZeroPad2d = | | | | padding value
torch.nn.ZeroPad3d = | | | | padding value
torch.nn.modules.batchnorm._BatchNorm = _check_input_dim reset_parameters reset_running_stats | bias weight |
 num_batches_tracked running_mean running_var | | affine eps momentum num_features track_running_stats
torch.nn.modules.batchnorm._LazyNormBase = _check_input_dim _infer_parameters _lazy_load_hook cls_to_become
 has_uninitialized_params initialize_parameters reset_parameters reset_running_stats | bias weight | num_batches_tracked
 running_mean running_var | | _initialize_hook _load_hook affine eps momentum num_features track_running_stats
torch.nn.modules.batchnorm._NormBase = _check_input_dim reset_parameters reset_running_stats | bias weight |
 num_batches_tracked running_mean running_var | | affine eps momentum num_features track_running_stats
torch.nn.modules.conv._ConvNd = _conv_forward reset_parameters
torch.nn.modules.conv._ConvTransposeMixin = _conv_forward _output_padding reset_parameters
torch.nn.modules.conv._ConvTransposeNd = _conv_forward _output_padding reset_parameters
torch.nn.modules.dropout._DropoutNd = | | | | inplace p
torch.nn.modules.instancenorm._InstanceNorm = _apply_instance_norm _check_input_dim _get_no_batch_dim
 _handle_no_batch_input reset_parameters reset_running_stats | bias weight | num_batches_tracked running_mean
 running_var | | affine eps momentum num_features track_running_stats
torch.nn.modules.linear.NonDynamicallyQuantizableLinear = reset_parameters | bias weight | | | in_features out_features
torch.nn.modules.loss._Loss = | | | | reduction
torch.nn.modules.loss._WeightedLoss = | | weight | | reduction
torch.nn.modules.padding._CircularPadNd = _check_input_dim | | | |
torch.nn.modules.padding._ConstantPadNd = | | | | value
torch.nn.modules.padding._ReflectionPadNd = | | | |
torch.nn.modules.padding._ReplicationPadNd = | | | |
torch.nn.modules.pooling._AdaptiveAvgPoolNd = | | | | output_size
torch.nn.modules.pooling._AdaptiveMaxPoolNd = | | | | output_size return_indices
torch.nn.modules.pooling._AvgPoolNd = | | | |
torch.nn.modules.pooling._LPPoolNd = | | | | ceil_mode kernel_size norm_type stride
torch.nn.modules.pooling._MaxPoolNd = | | | | ceil_mode dilation kernel_size padding return_indices stride
torch.nn.modules.pooling._MaxUnpoolNd = | | | |
torch.nn.utils.parametrizations._Orthogonal = right_inverse
torch.nn.utils.parametrizations._SpectralNorm = _power_method _reshape_weight_to_matrix right_inverse
torch.nn.utils.parametrizations._WeightNorm = right_inverse | | | | dim
torch.nn.utils.parametrize.ParametrizationList = _get_abs_string_index append extend insert pop right_inverse | original
 | | 0 | is_tensor ntensors unsafe
"""
"""Module class = class level | parameters | buffers | modules | plain attributes."""
