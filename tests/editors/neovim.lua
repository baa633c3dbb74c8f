-- What a person does in Neovim, without one: open model.py, look at its diagnostics, take the first code action, write.
-- Works with Neovim 0.7 and later; init.lua starts the server, as the README says. What was seen goes to seen.json.
local seen = {}
vim.ui.select = function(items, options, on_choice)
  seen.offered = #items
  on_choice(items[1], 1)
end
vim.cmd("edit model.py")
seen.shown = vim.wait(60000, function() return #vim.diagnostic.get(0) > 0 end, 20)
for _, found in ipairs(vim.diagnostic.get(0)) do
  seen.row, seen.column, seen.message, seen.source = found.lnum + 1, found.col + 1, found.message, found.source
  vim.api.nvim_win_set_cursor(0, { found.lnum + 1, found.col })
end
vim.lsp.buf.code_action()
seen.fixed = vim.wait(60000, function() return vim.fn.search("register_buffer", "nw") > 0 end, 20)
seen.silent = vim.wait(60000, function() return #vim.diagnostic.get(0) == 0 end, 20)
vim.cmd("write")
vim.fn.writefile({ vim.json.encode(seen) }, "seen.json")
vim.cmd("qall!")
