if vim.lsp.config then -- Neovim 0.11 or later
  vim.lsp.config("bufferlint", {
    cmd = { "bufferlint", "server" },
    filetypes = { "python" },
    root_markers = { "bufferlint.toml", "pyproject.toml", "setup.py", ".git" },
  })
  vim.lsp.enable("bufferlint")
else -- Neovim 0.7 to 0.10
  local client
  vim.api.nvim_create_autocmd("FileType", {
    pattern = "python",
    callback = function(event)
      local server = { name = "bufferlint", cmd = { "bufferlint", "server" }, root_dir = vim.fn.getcwd() }
      client = client or vim.lsp.start_client(server)
      vim.lsp.buf_attach_client(event.buf, client)
    end,
  })
end
