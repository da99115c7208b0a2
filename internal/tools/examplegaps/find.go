package main

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/tools/go/packages"
)

// standard are the methods that an interface of the standard library asks for.
var standard = []string{
	"Error", "Unwrap", "Is", "As", "Temporary", "Timeout", "String", "GoString", "Format", "LogValue",
	"MarshalJSON", "UnmarshalJSON", "MarshalJSONTo", "UnmarshalJSONFrom", "MarshalText", "UnmarshalText", "AppendText",
	"Scan", "Value", "Set", "ServeHTTP", "RoundTrip", "Read", "Write",
}

// declared adds the exported functions of a package, and the exported methods of its exported types.
func declared(p *packages.Package, names map[string]bool) {
	for _, file := range p.Syntax {
		for _, d := range file.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || !fn.Name.IsExported() || strings.Contains(fn.Doc.Text(), "Deprecated: ") {
				continue
			}
			receiver := ""
			if fn.Recv != nil {
				receiver = typeName(fn.Recv.List[0].Type)
				if !ast.IsExported(receiver) || slices.Contains(standard, fn.Name.Name) {
					continue
				}
			}
			names[nameOf(p.PkgPath, receiver, fn.Name.Name)] = true
		}
	}
}

func typeName(e ast.Expr) string {
	for {
		switch x := e.(type) {
		case *ast.StarExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		case *ast.IndexListExpr:
			e = x.X
		case *ast.Ident:
			return x.Name
		default:
			return ""
		}
	}
}

// inExamples adds the subjects of a package's Examples, and the functions and methods that their bodies use.
func inExamples(p *packages.Package, names map[string]bool) {
	for _, file := range p.Syntax {
		if !strings.HasSuffix(p.Fset.Position(file.Pos()).Filename, "_test.go") {
			continue
		}
		for _, d := range file.Decls {
			fn, ok := d.(*ast.FuncDecl)
			subject, example := strings.CutPrefix(nameIn(fn, ok), "Example")
			if !example {
				continue
			}
			receiver, name := subjectOf(subject)
			names[nameOf(p.ForTest, receiver, name)] = true
			ast.Inspect(fn.Body, func(n ast.Node) bool {
				if id, ok := n.(*ast.Ident); ok {
					if used, ok := p.TypesInfo.Uses[id].(*types.Func); ok {
						names[fullName(used.Origin())] = true
					}
				}
				return true
			})
		}
	}
}

func nameIn(fn *ast.FuncDecl, ok bool) string {
	if !ok || fn.Recv != nil {
		return ""
	}
	return fn.Name.Name
}

// subjectOf takes the name of an Example apart, as go doc does: the last part is a suffix if it begins in lower case.
func subjectOf(name string) (receiver, function string) {
	parts := strings.Split(name, "_")
	if last, _ := utf8.DecodeRuneInString(parts[len(parts)-1]); len(parts) > 1 && unicode.IsLower(last) {
		parts = parts[:len(parts)-1]
	}
	if len(parts) > 1 {
		return parts[0], parts[1]
	}
	return "", parts[0]
}

func fullName(fn *types.Func) string {
	if fn.Pkg() == nil {
		return ""
	}
	receiver := ""
	if r := fn.Signature().Recv(); r != nil {
		t := r.Type()
		if p, ok := t.(*types.Pointer); ok {
			t = p.Elem()
		}
		if n, ok := t.(*types.Named); ok {
			receiver = n.Obj().Name()
		}
	}
	return nameOf(fn.Pkg().Path(), receiver, fn.Name())
}

func nameOf(path, receiver, name string) string {
	if receiver != "" {
		path += "." + receiver
	}
	return path + "." + name
}
