// Classes of rare.root and rare_other.root
#include <map>
#include <string>
#include <vector>
#include "TBtree.h"
#include "TClonesArray.h"
#include "TExMap.h"
#include "TMap.h"
#include "TNamed.h"
#include "TObjString.h"
#include "TOrdCollection.h"

struct RareItem : TObject {
  int id = 0;
  int n = 0;
  float *counted = nullptr;  //[n]
  double x = 0;
  RareItem() = default;
  RareItem(const RareItem &o) : TObject(o) { set(o.id, o.n, o.x); }
  RareItem &operator=(const RareItem &o) {
    set(o.id, o.n, o.x);
    return *this;
  }
  ~RareItem() { delete[] counted; }
  void set(int i, int size, double value) {
    id = i;
    n = size;
    x = value;
    delete[] counted;
    counted = size ? new float[size] : nullptr;
    for (int k = 0; k < size; k++) counted[k] = i + k * 0.5f;
  }
  ClassDef(RareItem, 1)
};
struct RarePoint {
  virtual ~RarePoint() {}
  int id = 0;
  float x = 0;
};
struct RareCircle : RarePoint {
  double r = 0;
  std::vector<int> v;
};
struct RareOwner {
  TMap map;
  TExMap numbers;
  TOrdCollection ordered;
  TBtree sorted;
  TMap *behind = nullptr;
  int n = 0;
  RarePoint **points = nullptr;  //[n]
};

#ifdef __CLING__
#pragma link C++ class RareItem+;
#pragma link C++ class RarePoint+;
#pragma link C++ class RareCircle+;
#pragma link C++ class RareOwner+;
#pragma link C++ class std::vector<RareItem>+;
#pragma link C++ class std::vector<RarePoint *>+;
#endif
