package main
import ("testing";"fmt";"warmstandby/shared/pulumitest")
func TestProbe(t *testing.T){
 for _, o := range [][]pulumitest.Option{nil,{pulumitest.Preview()}} {
 r,err := pulumitest.RunErr(t,"foundation-network","dev",nil,deploy,o...)
 fmt.Println(err)
 for _,x := range r.Resources { fmt.Println(x.URN, x.Request.Provider, x.Request.Providers, x.Request.Version, x.Inputs) }
 fmt.Println(r.Calls)
 fmt.Println(r.Outputs)
 }
}
