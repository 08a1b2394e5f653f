package tools

import (
	"errors"
	"fmt"
	"go/ast"
	"os"
)

// scaleWaits divides what the one function returns that all of the provider's waits go through, (*sdkv2…Delay).Next: it is
// renamed, and a new Next divides its result. n = 0 asks for the wait before the first look.
func scaleWaits(file string) error {
	found := false
	err := rewrite(file, func(tree *ast.File) error {
		for _, decl := range tree.Decls {
			method, ok := decl.(*ast.FuncDecl)
			if ok && method.Name.Name == "Next" && receiverType(method) == waitsType {
				method.Name.Name = "unscaled"
				found = true
			}
		}
		if !found {
			return fmt.Errorf("no method Next on *%s: find where this version of the provider waits, and scale it there", waitsType)
		}
		return nil
	})
	if err != nil {
		return err
	}
	out, err := os.OpenFile(file, os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "\n// Next returns the wait of a released provider divided by %[2]d.\n"+
		"func (d *%[1]s) Next(n uint) time.Duration { return d.unscaled(n) / %[2]d }\n", waitsType, WaitDivisor)
	return errors.Join(err, out.Close())
}

// receiverType returns T of a method on *T, else "".
func receiverType(method *ast.FuncDecl) string {
	if method.Recv == nil || len(method.Recv.List) != 1 {
		return ""
	}
	pointer, ok := method.Recv.List[0].Type.(*ast.StarExpr)
	if !ok {
		return ""
	}
	name, ok := pointer.X.(*ast.Ident)
	if !ok {
		return ""
	}
	return name.Name
}
