#include "TClonesArray.h"
#include "TFile.h"
#include "TTree.h"
#include <vector>

struct CountedPoint { int id = 0; float x = 0; virtual ~CountedPoint() {} ClassDef(CountedPoint, 1) };
struct CountedCircle : CountedPoint { double r = 0; std::vector<int> v; ClassDef(CountedCircle, 1) };

class CountedItem : public TObject {
public:
  int i = 0;
  int k = 0;
  int n = 0;
  CountedPoint *objects = nullptr;   //[n]
  CountedPoint **pointers = nullptr; //[n]
  int m = 0;
  CountedPoint *more = nullptr;      //[m]
  CountedItem() {}
  CountedItem(const CountedItem &o) : TObject(o) { set(o.i, o.k); }
  CountedItem &operator=(const CountedItem &o) {
    set(o.i, o.k);
    return *this;
  }
  void set(int newI, int newK) {
    i = newI; k = newK;
    n = (i + k) % 3; m = (i + 2 * k) % 4;
    objects = n ? new CountedPoint[n] : nullptr;
    pointers = n ? new CountedPoint *[n] : nullptr;
    more = m ? new CountedPoint[m] : nullptr;
    for (int j = 0; j < n; j++) {
      objects[j].id = 100 * i + 10 * k + j; objects[j].x = j + 0.5f;
      pointers[j] = nullptr;
      if ((i + k + j) % 4 == 1) { auto *c = new CountedCircle; c->id = i; c->x = k; c->r = j; c->v.assign(j, i); pointers[j] = c; }
      else if ((i + k + j) % 4 != 3) { auto *p = new CountedPoint; p->id = i + 1; p->x = j; pointers[j] = p; }
    }
    if (n == 2 && i % 2) pointers[1] = pointers[0];
    for (int j = 0; j < m; j++) more[j].id = -i - j;
  }
  ClassDef(CountedItem, 1)
};
#ifdef __CLING__
#pragma link C++ class CountedPoint+;
#pragma link C++ class CountedCircle+;
#pragma link C++ class CountedItem+;
#pragma link C++ class std::vector<CountedItem>+;
#endif
