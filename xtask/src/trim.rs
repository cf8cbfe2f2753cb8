//! Cuts out of the browser's program what Lanyard never runs there.
//!
//! Leptos keeps, for every kind of view, a function for each way in which views can come to life.
//! They are called through tables, so no compiler can tell that most are never called. Lanyard takes
//! pages over in one go (`hydrate_body`).

use walrus::{FunctionBuilder, FunctionId, Module};

/// What the names of functions that are never called have in common: the futures that take a view over
/// piece by piece, as its parts arrive. Their bodies are like no others, so that the compiler has not
/// merged them with functions that are called.
const NEVER_CALLED: [&str; 3] = ["into_any", "hydrate_async", "closure"];

/// Empties the functions that are never called; `wasm-opt` removes what only they used. Returns how many.
pub fn cut(module: &mut Module) -> usize {
    let found: Vec<FunctionId> = module
        .funcs
        .iter_local()
        .map(|(id, _)| id)
        .filter(|id| {
            let name = module.funcs.get(*id).name.as_deref().unwrap_or_default();
            NEVER_CALLED.iter().all(|part| name.contains(part)) && !name.contains("drop_in_place")
        })
        .collect();
    for id in &found {
        let kind = module.types.get(module.funcs.get(*id).ty());
        let (parameters, results) = (kind.params().to_vec(), kind.results().to_vec());
        let locals = parameters.iter().map(|ty| module.locals.add(*ty)).collect();
        let mut builder = FunctionBuilder::new(&mut module.types, &parameters, &results);
        // Whoever calls it after all is told at once, in the browser tests.
        builder.func_body().unreachable();
        *module.funcs.get_mut(*id).kind.unwrap_local_mut() = builder.local_func(locals);
    }
    found.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use walrus::{ModuleConfig, ValType};

    #[test]
    fn only_what_is_never_called_is_cut() {
        let mut module = Module::with_config(ModuleConfig::new());
        for name in [
            "_ZN8into_any13hydrate_async7closure17h0E",
            "_ZN4view7hydrate17h0E",
        ] {
            let argument = module.locals.add(ValType::I32);
            let mut builder =
                FunctionBuilder::new(&mut module.types, &[ValType::I32], &[ValType::I32]);
            builder
                .name(name.to_owned())
                .func_body()
                .local_get(argument);
            let id = builder.finish(vec![argument], &mut module.funcs);
            module.exports.add(name, id);
        }
        assert_eq!(cut(&mut module), 1);
        let module = Module::from_buffer(&module.emit_wasm()).unwrap();
        assert_eq!(module.funcs.iter_local().count(), 2);
    }
}
